"""Layers and lines of models from the field, with what PyTorch 2.13.0 and einops 0.8.2 give.

`tools/check_model_lines.py` runs them again, and reads the models live.
"""

from __future__ import annotations

from typing import NamedTuple

_MODULE = """\
import torch
import torch.nn as nn
import torch.nn.functional as F
from functools import partial
from einops import rearrange, reduce, repeat
from einops.layers.torch import Rearrange, Reduce
from torch.nn.utils import weight_norm
from torch.nn.utils.parametrizations import spectral_norm
class Blk(nn.Module):
    def __init__(self, a, b, norm=nn.BatchNorm2d):
        super().__init__(); self.c = nn.Conv2d(a, b, 3); self.n = norm(b)
    def forward(self, x): return self.n(self.c(x))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        {parts}
    def forward(self, x):
        {forward}
"""


class Line(NamedTuple):
    """The layers of a model, its `forward`, the shape of its input, and those of its outputs."""

    parts: str
    forward: str
    shape: tuple[int, ...]
    outputs: tuple[tuple[int, ...], ...]

    @property
    def text(self) -> str:
        """The source of the model `Net`."""
        return _MODULE.format(parts=self.parts, forward=self.forward)


LINES = (
    Line(
        "self.l=nn.LSTM(8,16,batch_first=True)",
        "o,(h,c)=self.l(x); return o, h[-1]",
        (5, 8),
        ((5, 16), (16,)),
    ),
    Line(
        "self.l=nn.LSTM(8,16,2,batch_first=True,bidirectional=True)",
        "o,(h,c)=self.l(x); return o[:, -1], torch.cat([h[-2],h[-1]],1)",
        (5, 8),
        ((32,), (32,)),
    ),
    Line(
        "self.l=nn.LSTM(8,16,batch_first=True,proj_size=4)",
        "o,(h,c)=self.l(x); return o, h[0], c[0]",
        (5, 8),
        ((5, 4), (4,), (16,)),
    ),
    Line(
        "self.l=nn.LSTM(8,16)",
        "o,(h,c)=self.l(x.permute(1,0,2)); return o.permute(1,0,2), h[-1]",
        (5, 8),
        ((5, 16), (16,)),
    ),
    Line(
        "self.l=nn.GRU(8,16,batch_first=True)",
        "o,h=self.l(x); return o, h[-1], h.squeeze(0)",
        (5, 8),
        ((5, 16), (16,), (16,)),
    ),
    Line(
        "self.l=nn.GRU(8,16,batch_first=True)",
        "o,h=self.l(x, torch.zeros(1,x.size(0),16)); return o",
        (5, 8),
        ((5, 16),),
    ),
    Line(
        'self.l=nn.RNN(8,16,nonlinearity="relu",batch_first=True)',
        "o,h=self.l(x); return o.mean(1), h.transpose(0,1).flatten(1)",
        (5, 8),
        ((16,), (16,)),
    ),
    Line(
        "self.l=nn.LSTMCell(8,16)",
        "h,c=self.l(x[:,0]); h,c=self.l(x[:,1],(h,c)); return h",
        (5, 8),
        ((16,),),
    ),
    Line(
        "self.l=nn.GRUCell(8,16)",
        "h=self.l(x[:,0]); h=self.l(x[:,1],h); return h",
        (5, 8),
        ((16,),),
    ),
    Line(
        "self.l=nn.RNNCell(8,16)",
        (
            "h=torch.zeros(x.size(0),16)\n        for t in range(x.size(1)): h=self.l(x[:,t],"
            "h)\n        return h"
        ),
        (5, 8),
        ((16,),),
    ),
    Line(
        "self.l=nn.MultiheadAttention(8,2,batch_first=True)",
        "o,w=self.l(x,x,x); return o,w",
        (5, 8),
        ((5, 8), (5, 5)),
    ),
    Line(
        "self.l=nn.MultiheadAttention(8,2)",
        "x=x.transpose(0,1); o,_=self.l(x,x,x); return o.transpose(0,1)",
        (5, 8),
        ((5, 8),),
    ),
    Line(
        "self.l=nn.MultiheadAttention(8,2,batch_first=True)",
        "o,w=self.l(x,x,x,need_weights=False); return o",
        (5, 8),
        ((5, 8),),
    ),
    Line(
        ("self.l=nn.TransformerEncoder(nn.TransformerEncoderLayer(8,2,16,batch_first=True),2)"),
        "return self.l(x)[:,0]",
        (5, 8),
        ((8,),),
    ),
    Line(
        "self.l=nn.PixelShuffle(2)",
        "return self.l(x)",
        (8, 4, 6),
        ((2, 8, 12),),
    ),
    Line(
        "self.l=nn.PixelUnshuffle(2)",
        "return self.l(x)",
        (2, 4, 6),
        ((8, 2, 3),),
    ),
    Line(
        "self.p=nn.MaxPool2d(2,return_indices=True); self.u=nn.MaxUnpool2d(2)",
        "y,i=self.p(x); return self.u(y,i)",
        (3, 8, 10),
        ((3, 8, 10),),
    ),
    Line(
        "self.p=nn.MaxPool2d(2,return_indices=True); self.u=nn.MaxUnpool2d(2)",
        "y,i=self.p(x); return self.u(y,i,output_size=x.size())",
        (3, 9, 11),
        ((3, 9, 11),),
    ),
    Line(
        "self.p=nn.LPPool2d(2,3,stride=2)",
        "return self.p(x)",
        (3, 9, 11),
        ((3, 4, 5),),
    ),
    Line(
        "pass",
        "return F.lp_pool2d(x,2,3,2,ceil_mode=True)",
        (3, 9, 12),
        ((3, 4, 6),),
    ),
    Line(
        "self.p=nn.AvgPool2d(3,2,1,divisor_override=5)",
        "return self.p(x)",
        (3, 9, 12),
        ((3, 5, 6),),
    ),
    Line(
        "self.c=spectral_norm(nn.Conv2d(3,8,3)); self.l=weight_norm(nn.Linear(8,4))",
        "return self.l(self.c(x).mean((2,3)))",
        (3, 9, 12),
        ((4,),),
    ),
    Line(
        "self.c=torch.nn.utils.spectral_norm(nn.Conv2d(3,8,3))",
        "return self.c(x)",
        (3, 9, 12),
        ((8, 7, 10),),
    ),
    Line(
        ('self.c=torch.nn.utils.parametrizations.weight_norm(nn.Conv2d(3,8,3), name="weight")'),
        "return self.c(x)",
        (3, 9, 12),
        ((8, 7, 10),),
    ),
    Line(
        (
            "self.b=partial(Blk,norm=nn.InstanceNorm2d)(3,6); block=partial(Blk,6); "
            "self.d=nn.Sequential(block(8),Blk(8,4,partial(nn.GroupNorm,2)))"
        ),
        "return self.d(self.b(x))",
        (3, 19, 12),
        ((4, 13, 6),),
    ),
    Line(
        ('self.r=Rearrange("b c (h p) (w q) -> b (h w) (p q c)",p=4,q=4); self.l=nn.Linear(48,16)'),
        "return self.l(self.r(x))",
        (3, 16, 24),
        ((24, 16),),
    ),
    Line(
        "pass",
        'return rearrange(x,"b c h w -> b (h w) c")',
        (3, 16, 24),
        ((384, 3),),
    ),
    Line(
        "pass",
        'return rearrange(x,"b c h w -> (b h) w c").mean(1)',
        (3, 16, 24),
        ((3,),),
    ),
    Line(
        "pass",
        (
            'b=x.shape[0]; y=rearrange(x,"b t c h w -> (b t) c h w"); y=F.max_pool2d(y,2); '
            'return rearrange(y,"(b t) c h w -> b t c h w",b=b)'
        ),
        (5, 3, 16, 24),
        ((5, 3, 8, 12),),
    ),
    Line(
        "pass",
        'return reduce(x,"b c (h h2) (w w2) -> b c h w","max",h2=2,w2=2)',
        (3, 16, 24),
        ((3, 8, 12),),
    ),
    Line(
        "pass",
        (
            'return reduce(x,"b c h w -> b c","mean"), reduce(x,"b c h w -> b c 1 1","max"), '
            'reduce(x, "b c (h 2) (w 3) -> b (c h) w", "sum")'
        ),
        (3, 16, 24),
        ((3,), (3, 1, 1), (24, 8)),
    ),
    Line(
        "pass",
        ('return repeat(x,"b c h w -> b c (h 2) (w 3)"), repeat(x,"b c h w -> b (r c) h w",r=4)'),
        (3, 16, 24),
        ((3, 32, 72), (12, 16, 24)),
    ),
    Line(
        "self.t=nn.Parameter(torch.zeros(1,1,8))",
        't=repeat(self.t,"1 1 d -> b 1 d",b=x.shape[0]); return torch.cat([t,x],1)',
        (5, 8),
        ((6, 8),),
    ),
    Line(
        "self.t=nn.Parameter(torch.zeros(8))",
        't=repeat(self.t,"d -> b 1 d",b=x.size(0)); return torch.cat([t,x],1)',
        (5, 8),
        ((6, 8),),
    ),
    Line(
        "self.q=nn.Linear(8,24)",
        (
            'q,k,v=rearrange(self.q(x),"b n (three h d) -> three b h n d",three=3,h=2); return '
            'rearrange(F.scaled_dot_product_attention(q,k,v),"b h n d -> b n (h d)")'
        ),
        (5, 8),
        ((5, 8),),
    ),
    Line(
        "self.q=nn.Linear(8,24)",
        (
            'q,k,v=[rearrange(t,"b n (h d) -> b h n d",h=2) for t in self.q(x).chunk(3,-1)]; '
            'return torch.einsum("b h i d, b h j d -> b h i j",q,k)'
        ),
        (5, 8),
        ((2, 5, 5),),
    ),
    Line(
        ('self.l=nn.Sequential(nn.Conv2d(3,8,3),Reduce("b c h w -> b c","mean"),nn.Linear(8,2))'),
        "return self.l(x)",
        (3, 9, 9),
        ((2,),),
    ),
    Line(
        "pass",
        'return rearrange(x,"b ... d -> b d ..."), rearrange(x, "b c h w -> b c h w")',
        (3, 4, 8),
        ((8, 3, 4), (3, 4, 8)),
    ),
    Line(
        "pass",
        'return rearrange(x,"b c (h w) -> b c h w",h=4)',
        (3, 24),
        ((3, 4, 6),),
    ),
    Line(
        "self.u=nn.ConvTranspose2d(3,4,3,2,1)",
        "return self.u(x,output_size=(18,20))",
        (3, 9, 10),
        ((4, 18, 20),),
    ),
    Line(
        "self.l=nn.TransformerEncoderLayer(8,2)",
        "return self.l(x)",
        (5, 8),
        ((5, 8),),
    ),
    Line(
        "self.l=nn.MultiheadAttention(8,2,batch_first=True)",
        "o,w=self.l(x[:, :2],x,x); return o",
        (5, 8),
        ((2, 8),),
    ),
    Line(
        "self.l=nn.TransformerDecoderLayer(8,2,16,batch_first=True)",
        "return self.l(x[:, :2],x)",
        (5, 8),
        ((2, 8),),
    ),
    Line(
        "pass",
        (
            "return torch.stack([x,x],1), x.unsqueeze(0).squeeze(0), x.view(-1,4), x.reshape("
            "x.size(0)*5,8).view(-1,5,8)"
        ),
        (5, 8),
        ((2, 5, 8), (5, 8), (4,), (5, 8)),
    ),
    Line(
        "self.g=nn.GRU(8,6,bidirectional=True)",
        "y=x.flatten(2).permute(2,0,1); o,h=self.g(y); return o[-1]",
        (8, 3, 5),
        ((12,),),
    ),
    Line(
        "pass",
        (
            "q,k,v=x.view(x.shape[0],5,3,2,4).permute(2,0,3,1,4); return "
            "F.scaled_dot_product_attention(q,k,v).transpose(1,2).reshape(x.shape[0],5,8)"
        ),
        (5, 24),
        ((5, 8),),
    ),
    Line(
        "pass",
        (
            "q,k,v=x.view(x.shape[0],5,3,2,4).permute(2,0,3,1,4).unbind(0); return (q @ "
            "k.transpose(-2,-1)).softmax(-1) @ v"
        ),
        (5, 24),
        ((2, 5, 4),),
    ),
    Line(
        "pass",
        (
            "b,c,h,w=x.shape; y=x.view(b,c//4,4,h,w).transpose(1,2).reshape(b,c,h,w); return y,"
            " x.view(b,c,h//2,2,w//2,2).mean((3,5))"
        ),
        (8, 6, 8),
        ((8, 6, 8), (8, 3, 4)),
    ),
    Line(
        "pass",
        (
            "x1=x[:,:,0::2,0::2]; x2=x[:,:,1::2,1::2]; return torch.cat([x1,x2],1), torch.roll("
            "x,(1,1),(2,3)), F.unfold(x,2,stride=2).transpose(1,2)"
        ),
        (8, 6, 8),
        ((16, 3, 4), (8, 6, 8), (12, 32)),
    ),
    Line(
        (
            "self.w=nn.Parameter(torch.zeros(6,3,3,3)); self.b=nn.Parameter(torch.zeros(6)); "
            "self.v=nn.Parameter(torch.zeros(4,6))"
        ),
        ("y=F.conv2d(x,self.w,self.b,stride=2,padding=1); return F.linear(y.mean((2,3)),self.v)"),
        (3, 9, 8),
        ((4,),),
    ),
    Line(
        "self.a=nn.Embedding(50,8); self.l=nn.Linear(8,2)",
        "return self.l(self.a(x)).mean(1)",
        (9,),
        ((2,),),
    ),
)

# Parameters of a layer, as `sum(each.numel() for each in layer.parameters())` counts them. The
# input is (5, 8), of cells (8,).
PARAMETERS = {
    "nn.LSTM(8, 16, batch_first=True)": 1664,
    "nn.LSTM(8, 16, 3, batch_first=True, bidirectional=True)": 16128,
    "nn.LSTM(8, 16, 2, bias=False, batch_first=True, proj_size=4)": 1408,
    "nn.GRU(8, 6, 2, batch_first=True, bidirectional=True)": 1296,
    "nn.RNN(8, 16, 2, batch_first=True, bias=False)": 896,
    "nn.MultiheadAttention(8, 2, batch_first=True)": 288,
    "nn.MultiheadAttention(8, 2, bias=False, batch_first=True)": 256,
    "nn.MultiheadAttention(8, 2, add_bias_kv=True, batch_first=True)": 304,
    "nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)": 600,
    "nn.TransformerEncoderLayer(8, 2, 16, bias=False, batch_first=True)": 528,
    "nn.TransformerEncoderLayer(8, 2, batch_first=True)": 35144,
    "nn.LSTMCell(8, 16)": 1664,
    "nn.GRUCell(8, 16, bias=False)": 1152,
    "nn.RNNCell(8, 16)": 416,
}
