"""When each token sounds, from where the decoder looked while it spoke.

Attention says it only vaguely, so the path is made monotone: every token gets one stretch of codes, in order, by
dynamic programming over the log attention (as forced aligners do). What was announced once is never moved.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.float32]

_FLOOR = 1e-2
_SMOOTH = (0.25, 0.5, 0.25)


def sharpen(attention: Weights) -> Weights:
    """Log-likelihood ``[codes, tokens]`` of each code belonging to each token.

    What every code looks at alike (a sink, the closing full stop) tells nothing: each token's lower fifth is taken
    off. Neighbouring codes are smoothed, since one code is 20 ms and no syllable is that short.
    """
    if not len(attention):
        return attention
    salient = np.clip(attention - np.quantile(attention, 0.2, axis=0), 0.0, None)
    padded = np.pad(salient, ((1, 1), (0, 0)), mode="edge")
    smooth = np.sum([w * padded[i : i + len(salient)] for i, w in enumerate(_SMOOTH)], axis=0)
    share = smooth / (smooth.sum(1, keepdims=True) + _FLOOR)
    return np.log(share + _FLOOR).astype(np.float32)


def starts(scores: Weights, *, fixed: Sequence[int] = (), finished: bool = True) -> list[int]:
    """First code of each token along the best monotone path through ``scores [codes, tokens]``.

    ``fixed`` are starts of the first tokens, already announced. The path begins in the first token; with
    ``finished`` it ends in the last one, without in any, and only the tokens it reached are returned. When there
    are fewer codes than tokens, tokens share codes evenly.
    """
    settled = max(len(fixed) - 1, 0)
    begin = fixed[-1] if fixed else 0
    rest = scores[begin:, settled:]
    codes, tokens = rest.shape
    if finished and codes < tokens:
        path = [i * codes // tokens for i in range(tokens)]
    elif codes:
        path = _path(rest, finished)
    else:
        path = []
    return [*fixed[:settled], *(begin + code for code in path)] if path else list(fixed)


def _path(scores: Weights, finished: bool) -> list[int]:
    """Viterbi: each code belongs to its predecessor's token or to the next one."""
    codes, tokens = scores.shape
    best = np.full((codes, tokens), -np.inf, np.float32)
    stayed = np.zeros((codes, tokens), bool)
    best[0, 0] = scores[0, 0]
    for code in range(1, codes):
        stay = best[code - 1]
        advance = np.concatenate([[-np.inf], stay[:-1]])
        stayed[code] = stay >= advance
        best[code] = np.where(stayed[code], stay, advance) + scores[code]
    token = tokens - 1 if finished else int(best[-1].argmax())
    found = [0] * (token + 1)
    for code in range(codes - 1, 0, -1):
        if not stayed[code, token] and token:
            found[token] = code
            token -= 1
    return found
