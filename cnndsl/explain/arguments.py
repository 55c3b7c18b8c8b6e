"""What each argument of a layer kind means, in a line."""

from __future__ import annotations

from cnndsl.layers import Hyper, Layer

#: By the name of the argument, or where kinds differ by that of the kind as well.
MEANINGS = {
    "affine": "whether a scale and a shift are learnt for each channel",
    "align": "whether the pixels in the corners stay where they are",
    "alpha": "how far it goes below 0",
    "beta": "the power that the sum of squares is raised to",
    "bias": "whether a bias is learnt for each output",
    "ceil": "whether a last window that reaches over the end counts too",
    "count_pad": "whether an average counts the padding",
    "dilation": "pixels from one tap of the window to the next: 2 leaves one out between them",
    "eps": "a small number that keeps it from dividing by 0",
    "factor": "how many times as high and as wide the map becomes",
    "filters": "channels of the output: one for each filter",
    "flatten": "no: FC works on the last axis of a map alone",
    "from": "what you expect to arrive, to be checked; it is found anyway",
    "groups": "parts that the channels are split into, each on its own; in.C is depthwise",
    "init": "what the learnt factors start from",
    "k": "what is added to the sum of squares",
    "kernel": "how large a filter is: 3, or axis by axis 3x5",
    "mode": "how the pixels between are found",
    "momentum": "how fast the running statistics follow, in training",
    "op": "which value stands for a window",
    "order": "the axes in their new order, by their letters: C, H, W of an image, C, L of a signal",
    "output_pad": "pixels more at the end, where several sizes map to one",
    "outputs": "neurons: values that leave",
    "pad": "border on each side: 1, axis by axis 1x2, before and after 0:1, or same",
    "pad_mode": "what the border is made of",
    "per_channel": "whether each channel learns a slope of its own",
    "probability": "how often it is switched off, from 0 to 1",
    "scale": "how many times as large: 2, or axis by axis 2x3",
    "shape": "the map: channels@height x width; one size may be left open, _",
    "size": "the size that the map is to have: 7, or axis by axis 7x5",
    "slope": "the slope below 0",
    "start": "the first channel, counted from 0",
    "stop": "the channel to stop before",
    "stride": "pixels from one window to the next: 2, or axis by axis 2x1",
    "value": "what the border holds, where it is no zeros",
    "window": "how large a window is: 2, or axis by axis 2x3",
    "CROP.pad": "pixels taken off each side: 1, axis by axis 1x2, before and after 0:1",
    "GN.groups": "parts that the channels are split into, each normalised on its own",
    "INPUT.shape": "what a sample is like: 3@224x224, a signal 1@100, a vector 784",
    "LRN.alpha": "how much the squares around count",
    "LRN.size": "channels that are looked at: itself and those around",
    "PAD.mode": "what the border is made of",
    "PAD.pad": "border on each side: 1, axis by axis 1x2, before and after 0:1",
    "PRELU.init": "what the slopes start from",
    "SHUFFLE.groups": "groups that the channels are taken from in turn",
    "TCONV.kernel": "how large a window a value is spread over: 3, or axis by axis 3x5",
    "TCONV.pad": "pixels taken off each side of the output",
    "TCONV.stride": "pixels from one window of the output to the next: 2 doubles the map",
    "GPOOL.op": "which value stands for the map",
}


def meaning(kind: type[Layer], spec: Hyper) -> str:
    """What an argument of a kind means, and which words it can be."""
    said = MEANINGS.get(f"{kind.kind}.{spec.name}") or MEANINGS[spec.name]
    few = spec.words if 1 < len(spec.words) <= 5 else ()
    return f"{said}: {', '.join(few[:-1])} or {few[-1]}" if few else said
