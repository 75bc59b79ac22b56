"""Copy scikit-learn's digit images to assets/written_digits.bin, so that loading them needs no scikit-learn.

    pip install scikit-learn
    python assets/scripts/copy_written_digits.py

1797 rows of 65 bytes: 8 x 8 pixels 0..16, then the digit. Source: E. Alpaydin and C. Kaynak, Optical Recognition of
Handwritten Digits, UCI Machine Learning Repository, 1998, https://doi.org/10.24432/C50P49 (CC BY 4.0), test part.
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
rows = np.column_stack([digits.data, digits.target]).astype(np.uint8)
(Path(__file__).resolve().parent.parent / "written_digits.bin").write_bytes(rows.tobytes())
