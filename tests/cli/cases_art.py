"""Cases that read real art: few items on a small canvas, so that each takes a moment."""

from case import case

SMALL = "--size 64x64 --resample nearest"
GENERATE = "generate {art} -n 5 -o {tmp}/out " + SMALL

BENCH = "bench {art} -n 20 --seconds 1 " + SMALL

CASES = [
    case("inspect_describes", "inspect {art}", 0, r"Background"),
    case("inspect_as_json", "inspect {art} --json", 0, r"\A\{"),
    case("inspect_quiet", "inspect {art} -q", 0, ""),
    case("generate_makes_images", GENERATE, 0, r"\S", None,
         made=("{tmp}/out/images/1.png", "{tmp}/out/images/5.png", "{tmp}/out/manifest.db")),
    case("generate_quiet", GENERATE + " -q", 0, "", made=("{tmp}/out/images/1.png",)),
    case("generate_as_json", GENERATE + " --json", 0, r"\A\{"),
    case("generate_out_is_out", "generate {art} -n 5 " + SMALL, 0,
         made=("{tmp}/out/images/1.png",)),
    case("generate_to_null", "generate {art} -n 5 -o null: " + SMALL, 0, r"\S"),
    case("generate_joined_values", "generate {art} -n5 -qj2 --out={tmp}/out --memory=200M " + SMALL,
         0, "", made=("{tmp}/out/images/1.png",)),
    case("generate_options_before_the_command", "-q -n 5 generate {art} -o null: " + SMALL, 0, ""),
    case("generate_without_a_count", "generate {art} -o {tmp}/out", 2, ""),
    case("generate_dry_run", GENERATE + " --dry-run", 0, r"\S"),
    case("generate_tells_the_drawn_seed", GENERATE + " --seed random --dry-run", 0, r"\S",
         r"^drawn seed: [0-9a-f]{16} "),
    case("generate_start", GENERATE + " --start 0", 0, made=("{tmp}/out/images/0.png",)),
    case("generate_to_a_forbidden_place", "generate {art} -n 5 -o /dev/null/out " + SMALL, 6, ""),
    case("generate_failure_as_json", "generate {art} -n 5 -o /dev/null/out --json " + SMALL, 6,
         r'"exit_code":6'),
    case("generate_bad_ids", GENERATE + " --ids 1-x", 2, ""),
    case("generate_missing_plan", "generate {art} --plan {tmp}/none.sgp", 3, ""),
    case("plan_describes", "plan {art} -n 5", 0, r"\S"),
    case("plan_as_json", "plan {art} -n 5 --json", 0, r"\A\{"),
    case("plan_writes_a_file", "plan {art} -n 5 -o {tmp}/f.sgp", 0, "", r"planned 5 items",
         made=("{tmp}/f.sgp",)),
    case("plan_quiet", "plan {art} -n 5 -o {tmp}/f.sgp -q", 0, "", made=("{tmp}/f.sgp",)),
    case("plan_explains_next_to_a_file", "plan {art} -n 5 -o {tmp}/f.sgp --explain", 0, r"\S",
         made=("{tmp}/f.sgp",)),
    case("plan_exports_lines", "plan {art} -n 5 --export jsonl", 0, r'\A(\{.*"layers".*\}\n){5}\Z'),
    case("plan_exports_a_table", "plan {art} -n 5 --export csv", 0, r"\A([^\n]+\n){6}\Z"),
    case("plan_to_a_forbidden_place", "plan {art} -n 5 -o /dev/null/f.sgp", 6, ""),
    case("bench_tells", BENCH, 0, r"^bottleneck: \w+ \(\d+ % of busy time\); to disk: \w+ ", ""),
    case("bench_of_one_kernel", BENCH + " --cpu-kernel scalar -j1", 0, r"^scalar +1 +\d+\.\d "),
    case("bench_as_json", BENCH + " --json", 0, r"\A\{"),
    case("bench_quiet_still_tells", BENCH + " -q", 0, r"^bottleneck: "),
    case("bench_in_a_forbidden_place", BENCH + " -o /dev/null/here", 6, ""),
    case("bench_missing_plan", "bench {art} --plan {tmp}/none.sgp", 3, ""),
    case("generate_verbose_shows_stages", GENERATE + " -v", 0, r"^encode +\d+\.\d"),
    case("render_makes_a_file", "render {art} -n 5 --id 3 -o {tmp}/3.png " + SMALL, 0, r"3\.png",
         made=("{tmp}/3.png",)),
    case("render_as_json", "render {art} -n 5 --id 3 -o {tmp}/3.png --json " + SMALL, 0,
         r'"id":3,.*"width":64,"height":64'),
    case("render_unknown_id", "render {art} -n 5 --id 77 -o {tmp}/77.png " + SMALL, 2, ""),
]
