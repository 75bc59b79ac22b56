// What the server sends, as types: the socket's messages, and what frames, records and tables hold. Written once, for all
// views; the Python side is named at each. Nothing runs in this module. Golden samples in tests/golden hold both sides together.
//
// Run folders of before lack newer entries, so what was added later is optional.

/**
 * One text message of WS live/socket (dashboard/server/messages.py).
 * @typedef {RunMessage | StatusMessage | RecordsMessage | FramesMessage | ResultMessage | PicturesMessage | TroubleMessage | GoneMessage | AliveMessage} Message
 *
 * What the run is; once more when its view set is known.
 * @typedef {{ type: "run", run: string, config: RunConfig | null, probe: ViewSet | null }} RunMessage
 *
 * @typedef {RunStatus & { type: "status" }} StatusMessage
 *
 * Whole lines of metrics.jsonl, each a `MetricRecord`; `reset` begins again (a resume).
 * @typedef {{ type: "records", text: string, reset: boolean }} RecordsMessage
 *
 * The steps that have a frame.
 * @typedef {{ type: "frames", steps: number[] }} FramesMessage
 *
 * @typedef {RunResult & { type: "result" }} ResultMessage
 *
 * Why no more frames come.
 * @typedef {{ type: "pictures", problem: Problem | null }} PicturesMessage
 *
 * What the server cannot do for the moment; null when it can again.
 * @typedef {{ type: "trouble", what: "reading" | "sending" | null, reason?: string | null }} TroubleMessage
 *
 * @typedef {{ type: "gone", reason: "deleted" | "unknown" }} GoneMessage
 * @typedef {{ type: "alive" }} AliveMessage
 */

/**
 * An error as a person's page shows it: key of its sentence, values of the places in it (core/errors.py).
 * @typedef {{ message: string, error: string | null, values: Record<string, string | number> }} Problem
 */

/**
 * config.json (core/config/run_config.py). Views need none of its settings.
 * @typedef {{ dataset: string, fusion: string, objective: string, seed: number, [setting: string]: unknown }} RunConfig
 */

/**
 * status.json (core/runs/types.py says more of each). `budget`: seconds of training, 0 where epochs decide. `seconds_left` is an
 * estimate. `place` in the queue, while it waits. `error` and `values` as in `Problem`, once it failed.
 * @typedef {object} RunStatus
 * @property {RunState} status
 * @property {number} [step]
 * @property {number} [epoch]
 * @property {number} [epochs]
 * @property {number | null} [budget]
 * @property {number} [together]
 * @property {number} [seconds]
 * @property {number} [cpu_seconds]
 * @property {number} [progress]
 * @property {number | null} [seconds_left]
 * @property {string} [message]
 * @property {string | null} [error]
 * @property {Record<string, string>} [values]
 * @property {boolean} [unwritten]
 * @property {{ position: number, seconds: number | null } | null} [place] 1 is next
 * @property {{ at: number, every: number, host: string }} [heartbeat] of the process that writes the run
 * @property {string | null} [server]
 *
 * @typedef {"queued" | "running" | "finished" | "stopped" | "failed"} RunState
 */

/**
 * What is predicted, for its view (targets/<view>.js, which knows what `truth` is). `names` of classes, labels or columns; `units`
 * and `range` (least and greatest) of columns.
 * @typedef {object} ViewedTarget
 * @property {string} name
 * @property {string} view
 * @property {string[]} [names]
 * @property {any[]} [truth]
 * @property {string[]} [units]
 * @property {[low: number, high: number][]} [range]
 */

/**
 * probe.json: the fixed samples that every frame shows (core/training/view_set.py). `index`: which sample of the content `samples`
 * (a hash) each one is. `matrix`: positions of the similarity matrix. The parts of the label and their bits are there for
 * data whose joint distribution is known.
 * @typedef {object} ViewSet
 * @property {{ name: string, kind: string }[]} modalities
 * @property {string[]} classes
 * @property {number[]} labels
 * @property {ViewedTarget} [target] absent in runs of before, which show the class
 * @property {number[]} index
 * @property {number[]} matrix
 * @property {string} samples
 * @property {number | null} chance
 * @property {number | null} [chance_recall]
 * @property {number | null} [bayes]
 * @property {Record<string, number> | null} [bayes_parts]
 * @property {Record<string, number> | null} [information]
 * @property {Record<string, number> | null} [information_rest]
 * @property {"test" | "clean"} [information_of]
 * @property {string} [retrieval]
 */

/**
 * A line of metrics.jsonl (core/runs/types.py): where in training it is, and metrics by name ("test/loss", "gradient/audio",
 * "diagnostics/share/image").
 * @typedef {Record<string, number> & RecordHead} MetricRecord
 *
 * @typedef {object} RecordHead
 * @property {number} step
 * @property {number} epoch
 * @property {number} seconds
 */

/**
 * result.json (core/runs/types.py). `missing` and `noise`: modality -> [severity in %, score] rows.
 * @typedef {object} RunResult
 * @property {Record<string, number>} metrics
 * @property {Record<string, Severity[]>} [missing]
 * @property {Record<string, Severity[]>} [noise]
 * @property {Diagnostics} [instruments]
 * @property {Record<string, number>} [gradient_share] by modality, the mean over the records
 * @property {number} [seconds]
 * @property {number} [cpu_seconds]
 * @property {number} [together]
 * @property {number} [parameters]
 * @property {number} [flops]
 * @property {number} [bytes]
 * @property {{ kept: "all" | "scores" | "nothing", bytes: number, reason: string }} [predictions]
 *
 * @typedef {[severity: number, score: number]} Severity
 *
 * @typedef {object} Diagnostics
 * @property {Record<string, number>} [shapley]
 * @property {number} [nobody]
 * @property {Record<string, Record<string, number>>} [robustness]
 * @property {number} [interaction]
 * @property {Record<string, number>} [perceptual]
 */

/**
 * The header of a frame (core/projection/picture.py): where in training it is, test metrics there, what the method decided
 * (`diagnostics`), how far each layout can be trusted, and why there is no UMAP.
 * @typedef {object} FrameHeader
 * @property {"projection"} kind
 * @property {number} step
 * @property {number} epoch
 * @property {number} epochs
 * @property {Record<string, number>} values
 * @property {Record<string, Diagnostic>} [diagnostics]
 * @property {Record<string, string>} [roles] of the blocks that a run's evaluation gave
 * @property {{ pca: LayoutQuality, umap?: LayoutQuality }} maps
 * @property {number | null} [separability]
 * @property {number} [not_finite]
 * @property {"few" | "warming" | "broken"} [no_umap]
 * @property {number[]} [matrix_modalities]
 * @property {BlockEntry[]} blocks
 *
 * @typedef {{ trustworthiness: number | null, continuity: number | null, relayout: boolean, neighbours?: number }} LayoutQuality
 *
 * Means over the view set: one number per entry of the only axis, or rows and columns.
 * @typedef {{ axes: string[][], mean: (number | number[])[] }} Diagnostic
 *
 * @typedef {{ name: string, dtype: "uint8" | "uint16" | "int16" | "float16" | "float32", shape: number[], offset: number, bytes: number }} BlockEntry
 * @typedef {{ shape: number[], data: Uint8Array | Uint16Array | Int16Array | Float32Array }} Block
 * @typedef {{ header: FrameHeader, blocks: Record<string, Block> }} Frame
 */

/**
 * What pages give the interval plot (dashboard/panels/comparison_words.py): a row per method, `values` by seed.
 * @typedef {{ methods: ComparisonRow[], references: ComparisonRow[], done: number, runs: number }} ComparisonTable
 *
 * @typedef {object} ComparisonRow
 * @property {string} title
 * @property {string} tooltip
 * @property {boolean} reference
 * @property {number | null} mean
 * @property {number | null} low
 * @property {number | null} high
 * @property {Record<string, number>} values
 * @property {unknown} problem
 * @property {number | null} [seconds]
 * @property {number | null} [parameters]
 * @property {number | null} [flops]
 *
 * @typedef {"seconds" | "parameters" | "flops"} Cost
 *
 * A mean over seeds with the lowest and the highest.
 * @typedef {{ epoch: number, mean: number, low: number, high: number }} CurvePoint
 *
 * @typedef {{ name: string, value: number }} Baseline
 */

/**
 * samples/<hash>/index.json: how each modality of some content is shown (core/data/samples.py; each kind: core/renderers/<kind>.py).
 * @typedef {{ count: number, modalities: Record<string, SampleEntry> }} SampleIndex
 *
 * @typedef {PictureEntry | SoundEntry | TextEntry | SeriesEntry | ClipEntry | VectorEntry} SampleEntry
 * @typedef {{ kind: "picture", sprite: [width: number, height: number], columns: number, file?: string }} PictureEntry
 * @typedef {{ kind: "sound", offsets: number[], rate: number, file?: string }} SoundEntry
 * @typedef {{ kind: "text", texts: string[] }} TextEntry
 * @typedef {{ kind: "series", file: string, rate: number, range: [low: number, high: number][], offsets: number[] }} SeriesEntry
 * @typedef {{ kind: "clip", files: string[], sprite: [width: number, height: number], sheet: number, frames: number[], rate: number }} ClipEntry
 * @typedef {{ kind: "vector" | "trace", values: number[][] }} VectorEntry
 */

export {};
