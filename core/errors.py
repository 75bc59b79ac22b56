"""Errors for people: one sentence that says what is wrong, where, and what to do.

Each carries a key and its values, so that a page can say the same sentence in another language; `str(error)` is English.
"""

from __future__ import annotations

import errno
from typing import Any, TypedDict

from core.paths import as_typed

SENTENCES = {
    "unknown_dataset": "There is no data set named {name!r}; choose one of: {choices}.",
    "unknown_fusion": "There is no fusion named {name!r}; choose one of: {choices}.",
    "unknown_objective": "There is no objective named {name!r}; choose one of: {choices}, or a sum such as {example}.",
    "repeated_objective": "The objective {name!r} is named twice in {objective!r}; name each term once.",
    "unknown_strategy": "There is no strategy named {name!r}; choose one of: {choices}.",
    "bad_plugin": "The plug-in {name!r} of {source} cannot be used ({reason}); update that package or uninstall it.",
    "bad_entry": "The data set {name!r} in {source} cannot be used ({reason}); correct its entry.json or delete the folder.",
    "name_twice": "{first} and {second} both bring one of {shelf} named {name!r}, and that of {first} is used; uninstall or rename one.",
    "untitled_entry": "{name!r} of {source} has no title, so its name stands in; give its class or entry.json a title.",
    "bad_class_name": "The class {text} needs a `name` of small letters, digits and _ such as my_fusion, but has {value!r}.",
    "name_taken": "The name {name!r} is taken: the catalogue's {shelf} have one of it already; give your class another `name`.",
    "wrong_class": "{text} does not belong to the {shelf}; give a name from the catalogue, or a class (no object of it) derived from {bases}.",
    "wrong_init": "The class {text} is built as {text}({expected}), and its __init__ does not take that ({reason}); correct __init__ or the class's hyperparameters.",
    "missing_method": "The class {text} needs a method {method}; write it.",
    "wrong_returned": "{method} of the class {text} returned {actual}, expected {expected}; correct that method.",
    "no_super": "The class {text} has an __init__ that does not begin with super().__init__({expected}); add that line.",
    "wrong_count": "epoch of the class {text} gave {actual} items, but its __len__ says {expected}; let both agree.",
    "unknown_setting": "There is no setting named {name!r} here; choose one of: {choices}.",
    "not_whole": "{label} is {value}, but it takes a whole number from {low} to {high}.",
    "not_number": "{label} is {value}, but it takes a number from {low} to {high}.",
    "not_bool": "{label} is {value}, but it takes true or false.",
    "not_choice": "{label} is {value}, but it takes one of: {choices}.",
    "too_few_modalities": "{fusion} joins at least {fewest} modalities, but {dataset} has {count}; add a modality or choose another fusion.",
    "too_many_modalities": "{fusion} joins at most {most} modalities, but {dataset} has {count}; drop one or choose another fusion.",
    "not_joint": "{fusion} lets no loss see two modalities at once, so it cannot take {objective}, which compares them; choose classification, or a fusion of the input or feature stage.",
    "no_labels": "{objective} needs labels, and {dataset} has none; choose another objective.",
    "no_pairs": "{objective} needs pairs, and {dataset} has none; choose another objective.",
    "no_target": "{objective} predicts {target}, and {dataset} has none; choose another objective or other data.",
    "not_predicted": "{fusion} decides between classes, so it cannot take {objective}; choose classification, or a fusion of the input or feature stage.",
    "two_predictions": "{first} and {second} would both train the one prediction; name only one of them.",
    "strategy_stage": "{strategy} works on fusions of the stages {stages}, and {fusion} is of another; choose another strategy or fusion.",
    "strategy_joint": "{strategy} balances modalities that share one loss, but {fusion} trains each alone; choose another strategy or fusion.",
    "strategy_target": "{strategy} needs an objective that predicts {target}, and {objective} does not; choose another strategy or objective.",
    "strategy_terms": "{strategy} weighs at least {fewest} losses against each other, and {objective} has fewer; add a term to the objective or choose another strategy.",
    "not_given": "{objective} reads {reads}, and {fusion} gives {gives}; choose another fusion or objective.",
    "rule_without_strategy": "The update rule {rule} leaves out what the strategy {strategy} does; choose strategy=none or another update rule.",
    "two_learners": "{first} and {second} would both decide how the model is updated; choose one of them.",
    "unknown_update_rule": "There is no update rule named {name!r}; install the package that brings it, or choose one of: {choices}.",
    "unknown_sampler": "There is no sampler named {name!r}; install the package that brings it, or choose one of: {choices}.",
    "unknown_target": "There is no target named {name!r}; choose one of: {choices}.",
    "unknown_decoder": "No decoder {name!r} makes a modality of kind {kind!r}; choose one of: {choices}.",
    "nothing_fused": "{objective} never looks at what {fusion} fuses, which has no encoders of its own; add classification, or choose a fusion of the feature stage.",
    "epochs_and_seconds": "Both epochs and seconds were given; give one of them.",
    "no_seconds": "seconds is {value}, but a budget takes more than 0 seconds; leave --seconds out to train by epochs.",
    "batch_too_large": "batch_size is {value}, but {dataset} has {count} training samples; choose at most {count}.",
    "not_assignment": "--set takes name=value, but {text!r} is not; write for example --set batch_size=64.",
    "repeated_fusion": "The fusion {name!r} is named twice; name each method once.",
    "fixed_training_data": "The data set {name!r} is a fixed collection and cannot draw new training data; choose one that is generated: {choices}.",
    "too_few_methods": "A comparison needs two fusions or more, and {count} were named; add another.",
    "different_measures": "{first} would be judged by {first_metric} and {second} by {second_metric}; choose one objective that all of them can take.",
    "bad_config": "This is not a run configuration: {reason}.",
    "no_cuda": "This run asks for device {device}, but torch cannot use it here; choose device=auto or device=cpu.",
    "empty_split": "The {split} split of {dataset} is empty; give it at least one sample.",
    "wrong_modalities": "The {split} split of {dataset} has the modalities {actual}, expected {expected}; give each sample the same ones.",
    "label_out_of_range": "The {split} split of {dataset} has a label {actual}, expected 0 to {high}; correct the labels or the list of classes.",
    "unequal_lengths": "The {split} split of {dataset} has {actual} samples of {modality}, expected {expected} as there are labels; mark absent ones instead of leaving them out.",
    "wrong_shape": "A sample of {modality} has shape {actual}, expected {expected}; check the {split} split of {dataset}.",
    "not_finite_data": "{modality} holds {actual} values that are NaN or infinite in the {split} split of {dataset}; clean them or mark the samples absent.",
    "token_out_of_range": "{modality} holds the token {actual}, expected 0 to {high}; check the {split} split of {dataset}.",
    "shows_nothing": "{dataset} shows nothing of {modality} in sample {index} of the test split; let `show` return one of {kinds} for each modality.",
    "wrong_shown": "{dataset} shows a {modality} that cannot be drawn in sample {index} of the test split: expected {expected}, got {actual}; correct what `show` returns.",
    "wrong_batch": "The model needs the modalities {expected}, the batch has {actual}; give each sample the same ones.",
    "wrong_batch_shape": "The model needs {modality} in shape {expected}, the batch has {actual}; check that no modalities are swapped or cropped.",
    "unknown_run": as_typed("There is no run named {name!r} in {where}; `python -m core runs` lists them."),
    "not_proxy": "--trust-proxy takes the addresses or networks of proxies such as 127.0.0.1,10.0.0.0/8, but {value} is not; leave it out where there is no proxy.",
    "not_base_url": "--base-url takes a path such as /user/ana/proxy/8501 or an address such as https://class.example.org/fusion, but {value} is neither.",
    "not_host": "{value} is no name of a host; write for example --allow-host class.example.org, or with its port.",
    "bad_run_name": "{name!r} is not a run's name: a run is named by 12 characters 0-9, a-f.",
    "broken_run": "The folder of run {name} cannot be read ({reason}); delete it or train it again.",
    "newer_run": "Run {name} was made by a newer version of Fusionarium ({engine}); update this one to open it. The run is kept.",
    "unwritable_run": "Run {name} cannot be written ({reason}); look at the rights of its folder.",
    "run_gone": "The folder of run {name} is no longer there, so what wrote it has ended; train it again if you need it.",
    "label_busy": "Somebody else is naming run {name} at this moment; try again.",
    "unwritable_runs": "The runs folder {path} cannot be written ({reason}); choose another with --runs.",
    "disk_full": "The disk of {path} is full; delete runs that you no longer need, then go on with this one.",
    "disk_cap": "The runs take {used} MB, more than the {cap} MB they may; let the {count} oldest unstarred ones ({mb} MB) go with --make-room, or delete runs on the page of runs.",
    "disk_cap_starred": "The runs take {used} MB, more than the {cap} MB they may, and all are starred or in use; delete some, or raise FUSIONARIUM_DISK_MB.",
    "run_busy": "Run {name} is being trained by another process; wait for it or stop it.",
    "no_worker": as_typed(
        "No worker could start, so nothing can be trained; `python -m core doctor` tells what is missing."
    ),
    "too_many_requests": "{count} of your requests wait already, the most that one person may have; stop one of them, or wait until one has begun.",
    "queue_full": "{count} requests wait already, the most that this server takes; try again when one of them has begun.",
    "worker_killed": "The process that trained run {name} was killed, perhaps because memory ran out; press Train to go on from its last checkpoint.",
    "worker_signal": "The process that trained run {name} was ended by {signal}; press Train to go on from its last checkpoint.",
    "worker_ended": "The process that trained run {name} ended unexpectedly (exit code {code}); press Train to go on from its last checkpoint.",
    "task_ends_workers": "This was tried twice, and the process that computes it ended both times, perhaps because memory ran out; it is not tried again until Fusionarium is started anew.",
    "answerer_ended": "The process that answers ended over this question and is being started again; ask again, or ask for something smaller.",
    "questions_full": "Too many people are asking models right now; ask again in a moment.",
    "no_answer_in_time": "The model did not answer in time; ask again.",
    "no_answer": "The model of run {name} cannot answer this ({reason}).",
    "no_model": "Run {name} has no trained model to ask yet; wait for its first checkpoint, or train it again.",
    "no_prediction": "Run {name} predicts nothing, so there is no prediction to ask for; choose a run with a predicting objective such as classification.",
    "no_such_modality": "Run {name} has no modality {modality!r}; choose one of: {choices}.",
    "no_such_sample": "There is no sample {sample}; choose one from 0 to {high}.",
    "bad_question": "This is no question that a model can be asked ({reason}).",
    "projector_ended": "The process that makes the pictures ended and is being started again; training goes on, and the pictures follow.",
    "not_token": "This is no token for the class: --token and FUSIONARIUM_TOKEN take 8 to 128 letters, digits and - _ . ~; leave it out and one is made.",
    "not_mine": "--mine says that nobody else reaches this server, but it is bound to {host}; leave one of them out.",
    "not_your_run": "Run {name} is somebody else's; its makers and whoever started the server may change it.",
    "owner_only": "Only whoever started the server may do this.",
    "no_picture": "The pictures of run {name} could not be made ({reason}); its training and figures are untouched. Open the run again to try once more.",
    "picture_slow": "A picture of run {name} took longer than {seconds} s and was given up; training and figures are untouched. Open the run again to try once more.",
    "picture_crash": "Drawing step {step} of run {name} ended the process that makes the pictures {count} times, so no more are made of this run; training and figures are untouched.",
    "read_only_run": "Run {name} is shipped with the program and cannot be changed.",
    "unequal_values": "A paired test needs one value a seed from each method, got {first} and {second}; give both the same seeds.",
    "not_a_joint": "A joint distribution needs {axes} axes of numbers from 0 that sum to 1, got shape {shape} and sum {total}; divide the counts by their sum.",
    "metric_shape": "{metric} needs {name} in shape {expected}, got {actual}; check what is measured.",
    "metric_values": "{metric} needs {name} to be {expected}, got {actual}; check what is measured.",
    "not_finite": "{term} became {value} at step {step}, so training stopped there; the last good state is kept. Try a lower learning_rate or clip_norm.",
}


GIVEN = ("value", "name", "text", "objective", "label")  # what somebody wrote, repeated in a sentence
LONGEST = 120


def brief(given: Any) -> str:
    """What was given, short enough for a sentence; a number of 5,000 digits has no text at all."""
    try:
        text = str(given)
    except ValueError:
        return f"a number of {given.bit_length() * 3 // 10} digits"
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}... ({len(text)} characters)"


MOMENTARY = {
    getattr(errno, name)
    for name in ("EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "EINTR", "EIO", "ESTALE", "ETIMEDOUT", "ENOBUFS")
    if hasattr(errno, name)
}


class FusionariumError(ValueError):
    """A sentence for people. `key` names it in the language catalogues, `values` fill it."""

    def __init__(self, key: str, **values: Any) -> None:
        self.key = key
        self.values = {
            name: brief(value) if name in GIVEN and not isinstance(value, float) else value
            for name, value in values.items()
        }
        super().__init__(SENTENCES[key].format(**self.values))


class ConfigError(FusionariumError):
    """A choice that cannot be."""


def missing_method(owner: object, method: str) -> ConfigError:
    """What a base class raises in place of a method that its subclass should have: `owner` is the object or the class."""
    return ConfigError("missing_method", text=class_name(owner), method=method)


def wrong_returned(owner: object, method: str, actual: object, expected: str) -> ConfigError:
    """A method of somebody's own class returned something else; tensors are named by their shapes, as Tensor(64, 32)."""
    shape = getattr(actual, "shape", None)
    plain = actual is None or isinstance(actual, (int, float))
    text = brief(actual if plain else type(actual).__name__) if shape is None else f"Tensor{tuple(shape)}"
    return ConfigError("wrong_returned", text=class_name(owner), method=method, actual=text, expected=expected)


def class_name(owner: object) -> str:
    """The name of a class, or of an object's class, as its source writes it."""
    return owner.__qualname__ if isinstance(owner, type) else type(owner).__qualname__


class CatalogError(FusionariumError):
    """An entry that cannot be had: a plug-in or a folder of data that is broken. Everything else goes on."""


class RunError(FusionariumError):
    """A run that cannot be found, read, written or continued."""


class TrainingError(FusionariumError):
    """A training that went wrong although its choices were right."""


class MetricError(FusionariumError):
    """A measurement that cannot be made of what was given."""


class Problem(TypedDict):
    """An error as plain data: the sentence in English, its key (None for one of other code), what stands in it."""

    message: str
    error: str | None
    values: dict[str, Any]


def described(error: Exception) -> Problem:
    """An error as plain data that a page can say in its own language: message, key (None for one of other code), values."""
    key, values = (error.key, error.values) if isinstance(error, FusionariumError) else (None, {})
    return {"message": str(error), "error": key, "values": values}


def is_momentary(error: BaseException | None) -> bool:
    """Whether the system lacked something (handles, memory, a share of the network), which says nothing of the file."""
    if isinstance(error, RunError):
        error = error.__cause__
    return isinstance(error, OSError) and error.errno in MOMENTARY
