"""What the text around a message is about: feature maps, or sequences and other models."""

from __future__ import annotations

import re
from typing import Literal

Topic = Literal["maps", "other"] | None
_MAPS = re.compile(
    r"conv|pool|u-?net|resnet|upsample|interpolat|deconv|feature.?map|skip.?connection|residual"
    r"|\bimages?\b|encoder.?block|decoder.?block|densenet|mobilenet|bottleneck|crop"
)
_OTHER = re.compile(
    r"attention|attn|transformer|\bbert|\bgpt|llama|lora\b|token|embedding|\blstm|\bgru\b|seq2seq|rnn"
    r"|hidden_state|input_ids|checkpoint|state_dict|position_ids|seq_len|vocab|diffusers|unet_lora"
    r"|rotary|beam_search|whisper|wav2vec|sequence.?len|\bpatches|positional|\bself\.pe\b|softmax"
    r"|\bexperts?\b|expert_|mel.?(?:frame|spec)|speech"
)
_VOLUMES = re.compile(r"3d\b|volum|voxel|[(\[] ?\d{1,3}(?:, ?\d{1,4}){4} ?[)\]]", re.I)
_AROUND = 1_500  # characters before and behind the message


def topic(before: str, after: str = "") -> Topic:
    """Return "maps", "other" or None where the text names neither or both equally.

    >>> topic("x = self.conv1(x)"), topic("attn_output = self.self_attn(q)"), topic("x + y")
    ('maps', 'other', None)
    """
    near = (before[-_AROUND:] + after[:_AROUND]).lower()  # five times as fast as `re.I`
    maps, other = len(_MAPS.findall(near)), len(_OTHER.findall(near))
    if maps == other:
        return None
    return "maps" if maps > other else "other"


def volumes_in(before: str, after: str = "") -> bool:
    """Return whether the text names layers of three spatial axes, or shapes with five axes.

    >>> volumes_in("self.up = nn.ConvTranspose3d(8, 8, 2)"), volumes_in("x = self.conv2d(x)")
    (True, False)
    """
    return _VOLUMES.search(before[-_AROUND:] + after[:_AROUND]) is not None
