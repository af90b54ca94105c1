"""Art of other programs as a user has it, and `serigraph init`: what it writes makes the same plan."""

import json
import shutil

import art
from harness import CRITTERS, expect, expect_equal, expect_one_line, need_pack

CONFIG = r"""
const basePath = process.cwd();
const { MODE } = require(`${basePath}/constants/blend_mode.js`);
const { NETWORK } = require(`${basePath}/constants/network.js`);

const network = NETWORK.eth;

// General metadata for Ethereum
const namePrefix = "Your Collection";
const description = "Remember to \"replace\" this description";
const baseUri = "ipfs://NewUriToReplace";

const solanaMetadata = {
  symbol: "YC",
  seller_fee_basis_points: 1000, // Define how much % you want from secondary market sales 1000 = 10%
  creators: [{ address: "7fXNuer5sbZtaTEPhtJ5g5gNtuyRoKkvxdjEjEnPN4mC", share: 100 }],
};

// If you have selected Solana then the collection starts from 0 automatically
const layerConfigurations = [
  {
    growEditionSizeTo: 6,
    layersOrder: [
      { name: "Background", options: { bypassDNA: true } },
      { name: "Eye color", options: { displayName: "Eyes", blend: MODE.multiply, opacity: 0.9, } },
      // { name: "Iris" },
      { name: "Top lid" },
    ],
  },
];

const shuffleLayerConfigurations = false;
const debugLogs = false;
const format = { width: 8, height: 8, smoothing: false };
const gif = { export: false, repeat: 0 };
const text = { only: false, spacer: " => " };
const pixelFormat = { ratio: 2 / 128 };
const background = { generate: false, brightness: "80%", static: false };
const extraMetadata = {};
const rarityDelimiter = "#";
const uniqueDnaTorrance = 10000;
const preview = { imageRatio: format.height / format.width, imageName: "preview.png" };

module.exports = { format, baseUri, description, background, layerConfigurations, namePrefix };
"""

LAYERS = {"Background": ["Black#1.png", "White#3.png"], "Eye color": ["Cyan#1.png", "Pink.png"],
          "Top lid": ["High#20.png", "Low#20.png", "Middle#40.png"]}


def put(folder, names):
    """A picture of its own for each name."""
    for index, name in enumerate(names):
        art.write(folder / name, art.dot(8, 8, index))


def hashlips_project(folder):
    put(folder, [f"layers/{layer}/{file}" for layer, files in LAYERS.items() for file in files])
    (folder / "src").mkdir()
    (folder / "src" / "config.js").write_text(CONFIG, encoding="utf-8")
    (folder / "package.json").write_text("{}", encoding="utf-8")
    put(folder, ["build/images/1.png"])
    return folder


def lab_art(folder):
    put(folder, ["Body__z10/Human__w3.png", "Body__z10/Robot__w1.png", "Body__z10/Robot__z35.png",
                 "Eyes__z20/Dot.png", "Eyes__z20/Ray__w2__x1__y-1.png", "Eyes__z20/Slit.png",
                 "Hat__z30/Cap__w2.png", "Hat__z30/Crown__w2.png",
                 "Hat__z30/edge-cases/Crown__tBody__vRobot__z-25.png"])
    return folder


def python_project(folder):
    put(folder, ["traits/ground/b.png", "traits/ground/r.png", "traits/logo.png", "traits/text.png"])
    layers = [("Ground", ["Blue", "Red"], "./traits/ground", ["b", "r"], [25.5, 74.5]),
              ("Logo", ["One", "Two"], "./traits", ["logo", "logo"], [50, 50]),
              ("Text", ["A", "B"], "./traits", ["text", "logo"], [10, 90])]
    keys = ("name", "values", "trait_path", "filename", "weights")
    settings = {"layers": [dict(zip(keys, layer)) for layer in layers], "name": "NFT #",
                "incompatibilities": [{"layer": "Ground", "value": "Blue", "incompatible_with": ["B"]}],
                "baseURI": ".", "description": "d"}
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


def check_round_trip(bench, folder, *words, count=6):
    """The plan of the art as it is and with what init writes are the same bytes."""
    size = ("--resample", "nearest")
    bench.run("plan", folder, "-n", count, "-o", "before.sgp", *size, *words)
    bench.run("init", folder, *words)
    written = json.loads((folder / "collection.json").read_text(encoding="utf-8"))
    bench.run("plan", folder, "-n", count, "-o", "after.sgp", *size)
    expect(bench.path("before.sgp").read_bytes() == bench.path("after.sgp").read_bytes(),
           f"{folder.name}: the plan of what init wrote is another")
    refused = bench.run("init", folder, code=2)
    expect_one_line(refused, 2, "collection.json already")
    (folder / "collection.json").unlink()
    return written


def test_hashlips_project_is_taken_as_it_is(bench):
    project = hashlips_project(bench.path("engine"))
    bench.run("generate", project, "-o", "out")
    expect_equal(len(list(bench.path("out/images").glob("*.png"))), 6, "items")
    data = json.loads(bench.path("out/metadata/1.json").read_text(encoding="utf-8"))
    expect_equal(data["name"], "Your Collection #1", "the name")
    expect_equal(data["description"], 'Remember to "replace" this description', "the description")
    expect_equal([entry["trait_type"] for entry in data["attributes"]],
                 ["Background", "Eyes", "Top lid"], "the attributes")
    report = json.loads(bench.run("inspect", project, "--json").stdout)
    expect_equal([notice["code"] for notice in report["notices"]], ["import-setting"], "notices")
    expect("solanaMetadata (line 13)" in report["notices"][0]["text"], "what is passed over is named")
    written = check_round_trip(bench, project)
    expect_equal(written["count"], 6, "the count")
    expect_equal([layer["name"] for layer in written["layers"]], list(LAYERS), "the layers")
    expect("traits" not in written, "weights stay in the names")


def test_lab_edge_cases_are_drawn_where_they_hold(bench):
    folder = lab_art(bench.path("lab"))
    written = check_round_trip(bench, folder)
    expect_equal(written["grammar"], "lab", "the grammar")
    lines = bench.run("plan", folder, "-n", 12, "--export", "jsonl").stdout.splitlines()
    seen = set()
    for line in lines:
        item = json.loads(line)
        kinds = {entry["trait_type"]: entry["value"] for entry in item["attributes"]}
        paths = [part if isinstance(part, str) else part["path"] for part in item["layers"]]
        is_case = any("edge-cases" in path for path in paths)
        expect_equal(is_case, kinds["Body"] == "Robot" and kinds["Hat"] == "Crown", line)
        seen.add(is_case)
        if kinds["Body"] == "Robot":
            depth = {path: at for at, path in enumerate(paths)}
            expect(depth["Body__z10/Robot__z35.png"] == len(paths) - 1, f"a part on top: {line}")
        if is_case:
            expect_equal(paths[0], "Hat__z30/edge-cases/Crown__tBody__vRobot__z-25.png", "z 5")
    expect_equal(seen, {True, False}, "cases that occur")


def test_python_project_keeps_its_weights_and_rules(bench):
    project = python_project(bench.path("py"))
    written = check_round_trip(bench, project)
    expect_equal(written["traits"]["Ground/Blue"], {"weight": 25.5}, "a weight")
    expect_equal(written["rules"], [{"forbid": ["Ground/Blue", "Text/B"]}], "the rules")
    bench.run("plan", project / "config.json", "-n", 6, "-o", "file.sgp")
    bench.run("generate", project, "-n", 4, "-o", "out")
    data = json.loads(bench.path("out/metadata/1.json").read_text(encoding="utf-8"))
    expect_equal(data["name"], "NFT #1", "the name")


def test_init_of_folders_makes_the_same_plan(bench):
    made = {"plain": ["Hat/a.png", "Hat/b.png", "Body/c.png", "Body/d.png", "Body/e.png"],
            "numbered": ["2_Hat/a#3.png", "2_Hat/b#0.5.png", "1_Body/c#1.png", "1_Body/d#2.png"],
            "nested": ["A/Male#3/x#1.png", "A/Male#3/y#2.png", "A/Female#1/z#1.png", "A/skin.png",
                       "B/NONE#2.png", "B/z5,cap#1?blend=multiply&opacity=50.png"],
            "loose": ["a#1.png", "b#2.png", "c#4.png"]}
    for name, files in made.items():
        folder = bench.path(name)
        put(folder, files)
        count = 3
        written = check_round_trip(bench, folder, count=count)
        expect_equal("layers" in written, name != "loose", f"layers of {name}")
    put(bench.path("flat"), ["A/x#1.png", "A/y.png", "B/z#1.png", "B/w.png"])
    written = check_round_trip(bench, bench.path("flat"), "--grammar", "hashlips", count=3)
    expect_equal(written["grammar"], "hashlips", "the grammar")
    written = check_round_trip(bench, bench.path("plain"), "--layers", "Hat,Body", count=3)
    expect_equal([layer["name"] for layer in written["layers"]], ["Hat", "Body"], "the order")


def test_init_of_real_art_makes_the_same_plan(bench):
    shutil.copytree(CRITTERS, bench.path("critters"))
    (bench.path("critters") / "collection.json").unlink(missing_ok=True)
    check_round_trip(bench, bench.path("critters"))
    for name in ("hashlips", "nftchef", "mfers", "noundry", "nouns", "punks"):
        pack = need_pack(name)
        source = pack / "layers" if (pack / "layers").is_dir() else pack
        shutil.copytree(source, bench.path(name))
        check_round_trip(bench, bench.path(name), count=20)


def test_what_is_not_understood_is_refused_by_line(bench):
    project = hashlips_project(bench.path("engine"))
    settings = project / "src" / "config.js"
    for old, new, line in (("layersOrder: [", "layersOrder: order(", "layersOrder"),
                           ("growEditionSizeTo: 6", "growEditionSizeTo: 3 * 2", "growEditionSizeTo"),
                           ("MODE.multiply", "MODE.multiplied", "multiply"),
                           ('rarityDelimiter = "#"', 'rarityDelimiter = "%"', "rarityDelimiter"),
                           ('"Top lid"', '"Top lit"', "Top lit"),
                           ("debugLogs = false;", "debugLogs = 'false;", "never closed")):
        changed = CONFIG.replace(old, new)
        if "order(" in new:
            changed = changed.replace("    ],\n  },\n];", "    ),\n  },\n];", 1)
        settings.write_text(changed, encoding="utf-8")
        outcome = bench.run("plan", project, code=3)
        expect_one_line(outcome, 3, "config.js" if line != "Top lit" else "layers/Top lit", line)
