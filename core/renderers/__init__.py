"""The kinds of modality that a person is shown: one file each, one line here.

Each has a module of the same name in dashboard/live/static/renderers, which draws what this one writes.
"""

from core.renderers.base import Files, Shown, WrongShown
from core.renderers.clip import Clip
from core.renderers.picture import Picture
from core.renderers.series import Series
from core.renderers.sound import Sound
from core.renderers.text import Text
from core.renderers.vector import Vector

RENDERERS: dict[str, type[Shown]] = {kind.kind: kind for kind in (Picture, Sound, Text, Series, Clip, Vector)}

__all__ = ["RENDERERS", "Clip", "Files", "Picture", "Series", "Shown", "Sound", "Text", "Vector", "WrongShown"]
