"""Render assets/spoken_digits.{bin,json}: "zero" to "nine" by 40 synthetic voices. Run once; the product ships the result.

    sudo apt-get install espeak-ng        # 1.51; GPL-3, a tool of this script only, no dependency of the product
    pip install numpy scipy
    python assets/scripts/render_spoken_digits.py [--check]

A voice is an accent, a timbre (espeak-ng's voice variant), a speed (words a minute) and a pitch (0..99). Thirty voices are
for training; the ten for testing have timbres that no training voice has. The .bin holds 8-bit mu-law at 8 kHz, the clips
one after the other, voice by voice; the .json says where each begins. `--check` renders again and compares.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

ASSETS = Path(__file__).resolve().parent.parent
RATE = 8000  # Hz
LONGEST = 3800  # samples; the data set's window is 4000
LOUDNESS = 0.1  # root mean square of every clip, so that a noise level means the same for all
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TRAIN = (  # accent, timbre, speed, pitch
    ("en-us", "m1", 175, 40),
    ("en", "m2", 190, 35),
    ("en-gb-scotland", "m3", 180, 50),
    ("en-029", "m4", 170, 45),
    ("en-gb-x-rp", "m5", 200, 30),
    ("en-us-nyc", "m6", 165, 55),
    ("en-us", "f1", 185, 50),
    ("en", "f2", 175, 60),
    ("en-gb-x-gbclan", "f3", 195, 45),
    ("en-us", "f4", 170, 65),
    ("en-gb-x-rp", "Andrea", 180, 55),
    ("en-us", "Annie", 190, 50),
    ("en-gb-scotland", "Alicia", 175, 60),
    ("en-us", "Alex", 185, 70),
    ("en", "Andy", 170, 50),
    ("en-us", "Michael", 200, 35),
    ("en-029", "marcelo", 180, 45),
    ("en-gb-x-gbcwmd", "edward", 175, 50),
    ("en-us", "Gene", 190, 45),
    ("en-gb-scotland", "Henrique", 185, 30),
    ("en", "croak", 175, 30),
    ("en-gb-x-gbclan", "klatt", 180, 45),
    ("en", "klatt2", 190, 55),
    ("en-us", "belinda", 175, 55),
    ("en-gb-x-rp", "grandpa", 185, 40),
    ("en-us", "whisper", 180, 50),
    ("en", "steph", 190, 60),
    ("en-us", "Lee", 165, 40),
    ("en-029", "pablo", 195, 50),
    ("en-gb-scotland", "victor", 180, 45),
)
TEST = (
    ("en-us", "m7", 180, 45),
    ("en", "m8", 175, 40),
    ("en-us", "f5", 185, 55),
    ("en-gb-x-rp", "linda", 180, 60),
    ("en-us", "adam", 190, 35),
    ("en", "grandma", 180, 55),
    ("en-029", "benjamin", 175, 50),
    ("en-us", "Diogo", 185, 50),
    ("en", "anika", 180, 50),
    ("en-us-nyc", "john", 195, 25),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with what is shipped, write nothing")
    check = parser.parse_args().check
    sound, index = render()
    files = {"spoken_digits.bin": sound, "spoken_digits.json": (json.dumps(index, indent=1) + "\n").encode()}
    if check:
        changed = [name for name, data in files.items() if (ASSETS / name).read_bytes() != data]
        print(f"differs: {', '.join(changed)}" if changed else "the same")
        return int(bool(changed))
    for name, data in files.items():
        (ASSETS / name).write_bytes(data)
        print(f"{name}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()[:8]}")
    return 0


def render() -> tuple[bytes, dict[str, object]]:
    """All clips, and what says where they are."""
    clips = [clip(*voice, word) for voice in (*TRAIN, *TEST) for word in WORDS]
    voices = [f"{accent}+{timbre}" for accent, timbre, _, _ in (*TRAIN, *TEST)]
    offsets = np.cumsum([0, *(len(c) for c in clips)]).tolist()
    index = {
        "rate": RATE,
        "encoding": "mulaw",
        "words": list(WORDS),
        "voices": voices,
        "train_voices": len(TRAIN),
        "offsets": offsets,
    }
    return b"".join(clips), index


def clip(accent: str, timbre: str, speed: int, pitch: int, word: str) -> bytes:
    """One word, trimmed, at `RATE`, equally loud, as mu-law bytes; spoken faster where it would be too long."""
    for faster in range(0, 200, 15):
        sound = trimmed(spoken(accent, timbre, speed + faster, pitch, word))
        if len(sound) <= LONGEST:
            return mulaw(np.clip(sound * LOUDNESS / np.sqrt(np.mean(sound**2)), -1, 1)).tobytes()
    raise RuntimeError(f"{accent}+{timbre} is too slow for {word!r}")


def spoken(accent: str, timbre: str, speed: int, pitch: int, word: str) -> np.ndarray:
    """(T,) what espeak-ng says, at `RATE`."""
    command = ["espeak-ng", "-v", f"{accent}+{timbre}", "-s", str(speed), "-p", str(pitch), "--stdout", word]
    said = subprocess.run(command, check=True, capture_output=True)
    if said.stderr:
        raise RuntimeError(f"espeak-ng, {accent}+{timbre}: {said.stderr.decode()}")
    with wave.open(io.BytesIO(said.stdout)) as file:  # a stream: its header does not know the length
        rate, data = file.getframerate(), file.readframes(10 * file.getframerate())
    sound = np.frombuffer(data, "<i2") / 32768
    return resample_poly(sound, RATE, rate)


def trimmed(sound: np.ndarray) -> np.ndarray:
    """Without the silence around it (40 dB under its loudest 10 ms), faded in and out over 5 ms."""
    frame = RATE // 100
    whole = sound[: len(sound) // frame * frame].reshape(-1, frame)
    loud = np.flatnonzero(np.sqrt((whole**2).mean(1)) > 0.01 * np.sqrt((whole**2).mean(1).max()))
    kept = sound[loud[0] * frame : (loud[-1] + 1) * frame].copy()
    fade = np.linspace(0, 1, frame // 2)
    kept[: frame // 2] *= fade
    kept[-(frame // 2) :] *= fade[::-1]
    return kept


def mulaw(sound: np.ndarray) -> np.ndarray:
    """-1..1 -> 0..255: sign(x) ln(1 + 255 |x|) / ln 256, rounded (the continuous law of G.711)."""
    squeezed = np.sign(sound) * np.log1p(255 * np.abs(sound)) / np.log(256)
    return np.round((squeezed + 1) * 127.5).astype(np.uint8)


if __name__ == "__main__":
    sys.exit(main())
