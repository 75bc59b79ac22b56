"""The parameters that every run has, whatever is trained."""

from __future__ import annotations

from core.catalog.localized import Localized
from core.catalog.parameters import Parameter

RUN_PARAMETERS = (
    Parameter("seed", "int", 0, 0, 2**31 - 1, title=Localized("seed", "随机种子")),
    Parameter("epochs", "int", 20, 1, 1000, basic=True, title=Localized("epochs", "训练轮数")),
    Parameter(
        "seconds", "float", 0.0, 0.0, 3600.0, unit="s", title=Localized("time budget", "时间预算")
    ),  # 0: no budget, epochs decide
    Parameter("batch_size", "int", 128, 1, 4096, scale="log", title=Localized("batch size", "批大小")),
    Parameter("learning_rate", "float", 3e-3, 1e-6, 1.0, scale="log", title=Localized("learning rate", "学习率")),
    Parameter("weight_decay", "float", 1e-4, 0.0, 1.0, title=Localized("weight decay", "权重衰减")),
    Parameter("clip_norm", "float", 1.0, 1e-3, 1000.0, scale="log", title=Localized("gradient clip", "梯度裁剪")),
    Parameter("width", "int", 64, 4, 512, scale="log", title=Localized("embedding width", "嵌入宽度")),
    Parameter(
        "record_every", "int", 0, 0, 1000, unit="steps", title=Localized("record every", "记录间隔")
    ),  # 0: ten records an epoch
    Parameter("threads", "int", 1, 1, 64, title=Localized("threads", "线程数")),
    Parameter("device", "choice", "auto", choices=("auto", "cuda", "mps", "cpu"), title=Localized("device", "设备")),
)
NEW_DATA = Parameter(
    "new_data", "bool", False, title=Localized("new training data per seed", "每个种子使用新的训练数据")
)
