"""Train one config, or the same one with several seeds."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from core import catalog
from core.commands.arguments import whole
from core.config import RunConfig
from core.config.device import resolve
from core.errors import ConfigError, RunError
from core.runs import Runs, run_id, store
from core.runs.types import RunState, Status
from core.training import malloc

HELP = "train a choice; a finished run is returned at once, a stopped one goes on"


def arguments(parser: argparse.ArgumentParser, default_runs: Path) -> None:
    """The options of this command."""
    parser.add_argument("--dataset", required=True, metavar="D")
    parser.add_argument("--fusion", metavar="F")
    parser.add_argument("--objective", metavar="O", help='one or a sum: "classification+infonce"')
    seeds = parser.add_mutually_exclusive_group()
    seeds.add_argument("--seed", metavar="N", help="one seed (default 0)")
    seeds.add_argument("--seeds", metavar="K", help="K runs, seeds 0 to K - 1")
    parser.add_argument("--alone", action="store_true", help="one seed after another, even where together is quicker")
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--epochs", metavar="E")
    budget.add_argument("--seconds", metavar="S", help="a budget instead of epochs; depends on the machine")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="any parameter by its dotted name"
    )
    parser.add_argument("--device", metavar="auto", help="auto, cuda, mps or cpu")
    parser.add_argument("--again", action="store_true", help="train anew although the run is finished")
    parser.add_argument(
        "--make-room", action="store_true", help="when the disk cap is reached, delete the oldest unstarred runs"
    )
    parser.add_argument("--estimate", action="store_true", help="say what a run will cost, and train nothing")
    parser.add_argument("--runs", type=Path, default=default_runs, metavar="DIR", help="the runs folder")
    parser.add_argument("--json", action="store_true", help="one JSON object a run on standard output")


def execute(options: argparse.Namespace) -> int:
    """Do it, print the outcome; the exit code: 0 done, 1 a run failed, 2 a choice that cannot be."""
    configs = configurations(options)
    if options.estimate:
        return _estimate(configs, options.json)
    malloc.keep_freed()
    _ask_torch(configs)
    runs = Runs(options.runs)
    if options.make_room:
        _make_room(runs, configs)
    together = _train_together(runs, configs, options)
    outcomes = [_train(runs, config, options, together.get(run_id(config))) for config in configs]
    return 1 if any(outcome["status"] == "failed" or "error" in outcome for outcome in outcomes) else 0


def configurations(options: argparse.Namespace) -> list[RunConfig]:
    """The checked configs that these options mean."""
    settings: dict[str, Any] = dict(assignment(text) for text in options.set)
    for name in ("epochs", "seconds", "device", "seed"):
        if getattr(options, name) is not None:
            settings[name] = getattr(options, name)
    _look_up(options)
    first = RunConfig.make(options.dataset, options.fusion, options.objective, settings)
    if options.seconds is not None and first.seconds == 0:
        raise ConfigError("no_seconds", value=options.seconds)
    if options.seeds is None:
        return [first]
    seeds = range(count(options.seeds))
    return [RunConfig.make(options.dataset, options.fusion, options.objective, {**settings, "seed": s}) for s in seeds]


def assignment(text: str) -> tuple[str, str]:
    """The name and the value of "name=value"."""
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise ConfigError("not_assignment", text=text)
    return name.strip(), value.strip()


def _look_up(options: argparse.Namespace) -> None:
    """An empty name is a wrong one here, not the default."""
    if options.fusion is not None:
        catalog.fusion(options.fusion)
    if options.objective is not None:
        catalog.terms(options.objective)


def count(text: str, label: str = "seeds") -> int:
    """A whole number from 1 to 100."""
    return whole(text, label, 1, 100)


def _estimate(configs: list[RunConfig], as_json: bool) -> int:
    """What one run costs, and how many there are."""
    from core.training.cost_estimate import estimate

    found = estimate(configs[0])
    if as_json:
        print(json.dumps({**found, "runs": len(configs)}))
    else:
        sizes = f"{found['parameters']:,.0f} parameters, {found['flops']:,.0f} FLOPs and {found['bytes']:,.0f} bytes per sample"
        print(f"about {found['seconds']:.1f} s a run, {len(configs)} to train; {sizes}")
    return 0


def _ask_torch(configs: list[RunConfig]) -> None:
    """Where a card is to be used, torch says what it can use before a run is named by it."""
    if any(resolve(config.device) != "cpu" for config in configs):
        import_module("core.training.state")


def _make_room(runs: Runs, configs: list[RunConfig]) -> None:
    """What --make-room agrees to, and says on standard error."""
    gone = runs.make_room(keep={run_id(config) for config in configs})
    if gone:
        print(f"deleted to make room: {' '.join(gone)}", file=sys.stderr)


def _train_together(runs: Runs, configs: list[RunConfig], options: argparse.Namespace) -> dict[str, Status]:
    """run -> its last status, of the seeds that were trained together; {} where each has to be trained alone."""
    lacking = [c for c in configs if options.again or not (runs.root / run_id(c) / "result.json").exists()]
    if options.alone or len(lacking) < 2:
        return {}
    from core.training.multi_seed import quicker
    from core.training.multi_seed_recorder import record_multi_seed

    if not quicker(lacking[0]):
        return {}
    runs.check_room(keep={run_id(config) for config in lacking})
    opened = [runs.open(config, options.again) for config in lacking]
    _refuse_busy(opened)
    new = [folder for folder, action in opened if action == "new"]
    ends: dict[str, Status] = {}
    label = f"{configs[0].dataset} {configs[0].fusion} {len(new)} seeds"
    with _bar(label, len(new), options.json) as bar:
        for folder, status in record_multi_seed(new):
            ends[folder.name] = status
            bar.n = sum(end.get("progress", 0.0) for end in ends.values())
            bar.set_postfix_str(f"epoch {status.get('epoch', 0.0):.1f}")
    return ends


def _train(runs: Runs, config: RunConfig, options: argparse.Namespace, trained: Status | None) -> dict[str, Any]:
    """Train one config, unless it was `trained` together with others and has its status; say what came of it."""
    folder, action = runs.root / run_id(config), "new"
    status = trained
    if status is None:
        if resolve(config.device) != "cpu":
            from core.training.state import open_device  # brings torch: only where it must be asked

            open_device(config.device)
        if not (folder / "result.json").exists() or options.again:
            runs.check_room(keep={folder.name})
        folder, action = runs.open(config, options.again)
        _refuse_busy([(folder, action)])
        status = store.read_status(folder) if action == "reuse" else _record(folder, config, options.json)
    outcome = {
        "run": folder.name,
        "status": status["status"],
        "reused": action == "reuse",
        "seconds": status.get("seconds", 0.0),
        "metrics": runs.summary(folder).metrics,
    }
    if options.json:
        print(json.dumps(outcome), flush=True)
    else:
        _tell(outcome, config)
    if status.get("message"):
        print(status["message"], file=sys.stderr)
    return outcome if not status.get("error") else {**outcome, "error": status["error"]}


def _refuse_busy(opened: list[tuple[Path, str]]) -> None:
    for folder, action in opened:
        if action == "join":
            raise RunError("run_busy", name=folder.name)


def _record(folder: Path, config: RunConfig, quiet: bool) -> Status:
    """Train here. Ctrl-C stops at the next record, where it can be resumed."""
    from core.training.recorder import record

    status = Status(status=RunState.RUNNING)
    with _bar(f"{config.dataset} {config.fusion} seed {config.seed}", 1, quiet) as bar:
        for status in record(folder):
            bar.n = status.get("progress", 0.0)
            bar.set_postfix_str(f"epoch {status['epoch']:.1f}")
    return status


def _bar(label: str, total: float, quiet: bool) -> Any:
    """A progress bar, on a terminal."""
    from tqdm import tqdm

    form = "{desc} {percentage:3.0f}% |{bar}| {elapsed} < {remaining}{postfix}"
    return tqdm(total=total, desc=label, bar_format=form, disable=quiet or not sys.stderr.isatty())


def _tell(outcome: dict[str, Any], config: RunConfig) -> None:
    reused = " (trained before; --again trains anew)" if outcome["reused"] else ""
    print(f"{outcome['run']}  {config.objective}  {outcome['status']} in {outcome['seconds']:.1f} s{reused}")
    for name, value in sorted(outcome["metrics"].items()):
        print(f"  {name:<28} {value:.4f}")
