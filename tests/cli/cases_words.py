"""Cases that need no art: help, version, and everything that is wrong with the words themselves.
Arguments are checked before art is looked at, so `generate ART` names none that exists."""

from case import Case, case

SEE_GENERATE = r"see: serigraph help generate"
COUNT_RANGE = r"^serigraph: --count: \"%s\" is not a whole number from 1 to 1000000000$"

HELP = [
    case("help_shows_commands", "--help", 0, r"^  generate ART +\S", ""),
    case("help_shows_exit_codes", "--help", 0, r"^  130  \S"),
    case("help_letter_is_help", "-h", 0, r"^  generate ART"),
    case("help_command_is_help", "help", 0, r"^  generate ART"),
    case("help_of_generate_shows_usage", "generate --help", 0,
         r"\AUsage:\n  serigraph generate ART", ""),
    case("help_of_generate_shows_examples_before_options", "generate --help", 0,
         r"Examples:\n(.*\n)*.*What to make:"),
    case("help_command_with_name", "help generate", 0, r"^  -n, --count N"),
    case("help_wins_over_missing_art", "plan --help", 0, r"^      --export FORM"),
    case("help_wins_over_bad_options", "plan --bogus --help", 0, r"^      --export FORM"),
    case("help_of_inspect_has_no_seed", "help inspect", 0, r"\A((?!--seed)[\s\S])*\Z"),
    case("help_of_bench_shows_seconds", "help bench", 0, r"^      --seconds S"),
    case("help_of_generate_has_no_seconds", "help generate", 0, r"\A((?!--seconds)[\s\S])*\Z"),
    case("help_with_unknown_option", "help --bogus", 2, "", "unknown option --bogus"),
    case("help_takes_one_command", "help plan render", 2, "", "help takes one command"),
    case("help_of_unknown_command", "help generat", 2, "", "did you mean generate"),
    case("help_of_planned_command", "help extend", 2, "", "not in this version"),
    case("help_of_devices_has_no_operand", "help devices", 0,
         r"GPUS\.\n\nCommon:\n"),
    case("version_is_printed", "--version", 0, r"\Aserigraph \d+\.\d+\.\d+\n\Z", ""),
    case("version_as_json", "--version --json", 0, r'\A\{"version":"\d+\.\d+\.\d+"\}\n\Z', ""),
]

COMMANDS = [
    case("no_command", "", 2, "", r"^serigraph: there is no command; see: serigraph --help$"),
    case("unknown_command_suggests", "genrate art", 2, "",
         r'^serigraph: unknown command "genrate"; did you mean generate\? .*serigraph --help'),
    case("bench_mistyped_suggests", "bensh art", 2, "", r"did you mean bench\?"),
    case("unknown_command_without_neighbour", "frobnicate", 2, "",
         r'^serigraph: unknown command "frobnicate"; see: serigraph --help$'),
    case("unknown_command_as_json", "--json genrate", 2, r'"exit_code":2'),
] + [
    case(f"planned_command_{name}", f"{name} art", 2, "",
         rf"^serigraph: the command {name} is not in this version; see: serigraph --help$")
    for name in ("rerender", "extend", "optimize", "report", "metadata", "preview",
                 "merge")
] + [
    case(f"{name}_needs_an_operand", name, 2, "",
         rf"^serigraph: {name} needs {operand}, .*see: serigraph help {name}$")
    for name, operand in (("generate", "ART"), ("plan", "ART"), ("inspect", "ART"), ("init", "ART"),
                          ("verify", "DIR"), ("bench", "ART"))
] + [
    case("render_needs_an_operand", "render --id 1 -o x.png", 2, "", "render needs ART"),
    case("render_needs_an_id", "render art -n 5 -o x.png", 2, "", "render needs --id"),
    case("render_needs_out", "render art -n 5 --id 1", 2, "", "render needs --out"),
    case("second_operand", "generate art more", 2, "", 'takes one ART, but "more" follows "art"'),
    Case("empty_operand", ("generate", ""), 2, "", "ART is empty"),
]

OPTIONS = [
    case("unknown_option_suggests", "generate art --layer A", 2, "",
         r"^serigraph: unknown option --layer; did you mean --layers\? \(" + SEE_GENERATE),
    case("unknown_option_with_swapped_letters", "generate art --sede x", 2, "",
         "did you mean --seed"),
    case("unknown_option_with_value", "generate art --thread=4", 2, "",
         r"unknown option --thread; did you mean --threads\?"),
    case("unknown_option_without_neighbour", "generate art --zzzzzz", 2, "",
         r"^serigraph: unknown option --zzzzzz; " + SEE_GENERATE + "$"),
    case("unknown_option_suggests_only_what_fits", "verify out --sed", 2, "",
         r"^serigraph: unknown option --sed; see: serigraph help verify$"),
    case("unknown_letter", "generate art -x", 2, "", "unknown option -x; " + SEE_GENERATE),
    case("unknown_option_before_command", "--layer=A generate art", 2, "", "did you mean --layers"),
    case("planned_option", "generate art --shard 1/4", 2, "", "--shard is not in this version"),
    case("option_of_another_command", "verify out --seed x", 2, "",
         r"^serigraph: verify does not take --seed; see: serigraph help verify$"),
    case("option_of_another_command_without_value", "verify out --seed", 2, "",
         "verify does not take --seed"),
    case("missing_value", "generate art -n", 2, "", "--count needs a value, N; " + SEE_GENERATE),
    case("option_in_place_of_value", "generate art -o --dry-run", 2, "",
         "--out needs a value before --dry-run"),
    case("empty_value", "generate art --seed=", 2, "", "--seed has an empty value"),
    case("switch_with_value", "generate art --fresh=yes", 2, "", '--fresh takes no value.*"yes"'),
    case("option_twice", "generate art -n 5 --count 6", 2, "", "--count is given twice"),
    case("switch_twice", "generate art -q -q", 2, "", "--quiet is given twice"),
    case("quiet_and_verbose", "generate art -qv", 2, "", "--quiet and --verbose exclude"),
    case("sample_and_ids", "generate art -n 9 --sample 2 --ids 1", 2, "", "--sample and --ids"),
    case("seed_and_plan", "generate art --plan f.sgp --seed x", 2, "", "--seed and --plan exclude"),
    case("count_and_plan", "plan art --plan f.sgp -n 5", 2, "", "--count and --plan exclude"),
    case("extend_and_plan", "plan art --plan f.sgp --extend g.sgp", 2, "", "--extend and --plan exclude"),
    *[case(f"extend_and_{option}", f"plan art -n 9 --extend f.sgp --{option} {value}", 2, "",
           f"--{option} and --extend exclude")
      for option, value in (("start", "5"), ("recipes", "r.jsonl"), ("size", "8x8"), ("png", "fast"),
                            ("resample", "nearest"), ("bands", "8"))],
    case("extend_is_for_plan", "generate art -n 9 --extend f.sgp", 2, "",
         "generate does not take --extend"),
    case("export_and_explain", "plan art -n 5 --export csv --explain", 2, "",
         "--export and --explain exclude"),
    case("export_and_json", "plan art -n 5 --export csv --json", 2, None,
         "--export and --json exclude"),
    case("words_after_dashes_are_operands", "generate -- --layers more", 2, "",
         '"more" follows "--layers"'),
    Case("control_characters_stay_out_of_the_line", ("generate", "art", "--a\n\x1b[31mb"), 2, "",
         r"unknown option --a\?\?\[31mb"),
]

# What is no number, no size, or not in its range: (option, value, part of the message).
BAD_VALUES = [
    ("count", "0", COUNT_RANGE % "0"), ("count", "-5", COUNT_RANGE % "-5"),
    ("count", "+5", COUNT_RANGE % r"\+5"), ("count", "5x", COUNT_RANGE % "5x"),
    ("count", "1e3", COUNT_RANGE % "1e3"), ("count", "0x10", COUNT_RANGE % "0x10"),
    ("count", "1000000001", COUNT_RANGE % "1000000001"),
    ("count", "18446744073709551617", COUNT_RANGE % "18446744073709551617"),
    ("start", "one", "--start: .* from 0 to 1000000000000"),
    ("sample", "0", "--sample: .* from 1 to 1000000000"),
    ("fanout", "0", "--fanout: .* from 1 to "),
    ("threads", "two", "--threads: .* from 0 to 1024"),
    ("threads", "1025", "--threads: .* from 0 to 1024"),
    ("bands", "some", "--bands: .* from 1 to 32767"), ("bands", "0", "--bands: "),
    ("memory", "lots", "--memory: .* is not a size"), ("memory", "1", "--memory: "),
    ("memory", "500MX", "--memory: "), ("memory", "99999999999999999999G", "--memory: "),
    ("size", "512", "--size: .* is not WxH"), ("size", "512x", "--size: "),
    ("size", "0x512", "--size: "), ("size", "512x512x2", "--size: "), ("size", "40000x1", "--size"),
    ("resample", "cubic", "--resample: .* nearest, bilinear, lanczos"),
    ("resample", "lancsoz", r"did you mean lanczos\?"),
    ("grammar", "hashlip", r"did you mean hashlips\?"),
    ("color", "srgb", "--color srgb is not in this version"),
    ("color", "keep", "--color keep is not in this version"), ("color", "red", "--color: "),
    ("format", "webp", "built without .*webp"), ("format", "png,webp", "built without"),
    ("png", "best", "--png: .* fast, balanced, small"),
    ("backend", "opengl", "--backend: .* auto, cpu, gles"), ("backend", "gls", "did you mean gles"),
    ("cpu-kernel", "mmx", "--cpu-kernel: .* sse41, avx2, avx512, neon"),
]

VALUES = [
    Case(f"bad_{option}_{value}", ("generate", "art", f"--{option}", value), 2, "", message)
    for option, value, message in BAD_VALUES
] + [
    case("bad_letter_value", "generate art -j4x", 2, "", '--threads: "4x"'),
    case("bad_export", "plan art -n 5 --export xml", 2, "", "--export: .* csv, jsonl"),
    case("bad_seconds", "bench art --seconds 0", 2, "", "--seconds: .* from 1 to 3600"),
    case("bench_has_no_reuse_option", "bench art --no-reuse", 2, "",
         "bench does not take --no-reuse"),
    case("device_and_cpu", "generate art --device 0 --backend cpu", 2, "",
         "--device and --backend cpu exclude each other"),
    case("bad_bench_kernel", "bench art --cpu-kernel mmx", 2, "", "--cpu-kernel: "),
    case("bad_id", "render art -n 5 --id x -o x.png", 2, "", "--id: "),
]

JSON = [
    case("json_of_wrong_usage", "generate --json", 2,
         r'\A\{"status":"wrong usage","exit_code":2,"error":"generate needs ART'),
    case("json_counts_after_the_fault_too", "generate art --bogus --json", 2, r'"exit_code":2'),
    case("json_of_missing_art", "inspect {tmp}/none --json", 3, r'"exit_code":3'),
    case("json_of_missing_manifest", "verify {tmp} --json", 3, r'"exit_code":3'),
    Case("json_escapes_quotes", ("generate", "art", '--a"b\\c', "--json"), 2, r'--a\\"b\\\\c'),
]

LIBRARY = [
    case("missing_art", "inspect {tmp}/none", 3, ""),
    case("missing_art_for_generate", "generate {tmp}/none -n 5", 3, ""),
    case("missing_art_for_bench", "bench {tmp}/none --seconds 1", 3, ""),
    case("missing_manifest", "verify {tmp}", 3, ""),
    case("no_color_asked_for", "generate --no-color", 2, "", r"\Aserigraph: [^\x1b]*\Z"),
]

DEVICES = [
    case("devices_take_no_operand", "devices more", 2, "", 'devices takes no "more"'),
    case("devices_lists_kernels", "devices", 0, r"\ACPU kernels\n  \w+ +used unless --cpu-kernel"),
    case("devices_tells_what_auto_does", "devices", 0, r"\n--backend auto (uses the CPU: \S|can use)"),
]

CASES = HELP + COMMANDS + OPTIONS + VALUES + JSON + LIBRARY + DEVICES
