"""Parity fixtures of the losses: values a label and gradients, from PyTorch's own functions and the papers' formulas."""

import math

import torch
import torch.nn.functional as F

from fixture import float32_exact, write_fixture

LABELS, WIDTH, ROWS, RESERVED = 6, 5, 17, 2
# Twice the same target, so that in-batch negatives have an accidental hit; 4 and 9 are among the drawn negatives, too.
TARGETS = [4, 9, 4, 16, 2, 7]
SHARED = [9, 3, 12, 4]
# Of each label: two sessions have two labels.
SESSIONS = [0, 1, 1, 2, 0, 3]
EACH = [[4, 3, 3], [5, 6, 7], [16, 4, 2], [16, 16, 3], [8, 2, 2], [11, 12, 13]]

# kind of the loss, kind of negatives, options, then what is special.
CASES = {
    "full-softmax": ("full-softmax", "none", {}, {}),
    "full-softmax-all": ("full-softmax", "none", {"temperature": 0.7, "labelSmoothing": 0.2}, {"bias"}),
    "sampled-softmax-shared": ("sampled-softmax", "shared", {"correctTarget": True}, {"logQ"}),
    "sampled-softmax-target-kept": ("sampled-softmax", "mixed", {"correctTarget": False}, {"bias", "logQ"}),
    "sampled-softmax-uncorrected": ("sampled-softmax", "shared", {}, {}),
    "sampled-softmax-each": ("sampled-softmax", "each", {"temperature": 0.7, "correctTarget": True}, {"bias", "logQ"}),
    "sampled-softmax-batch": ("sampled-softmax", "batch", {"correctTarget": True}, {"bias", "logQ"}),
    "sampled-softmax-mixed": ("sampled-softmax", "mixed", {"temperature": 1.3, "correctTarget": True}, {"bias", "logQ"}),
    "sampled-softmax-large": ("sampled-softmax", "shared", {"correctTarget": True}, {"logQ", "large"}),
    "bce-each": ("bce", "each", {"prior": False}, {}),
    "bce-mixed": ("bce", "mixed", {"temperature": 0.7}, {"bias"}),
    "bce-large": ("bce", "each", {}, {"large"}),
    "gbce-each": ("gbce", "each", {"calibration": 0.75, "prior": False}, {}),
    "gbce-shared": ("gbce", "shared", {"calibration": 1.0, "temperature": 1.3}, {"bias"}),
    "bpr-each": ("bpr", "each", {}, {"bias"}),
    "bpr-batch": ("bpr", "batch", {"temperature": 0.7}, {}),
    "bpr-large": ("bpr", "shared", {}, {"large"}),
    "bpr-max-mixed": ("bpr-max", "mixed", {"regularization": 0.5}, {"bias"}),
    "bpr-max-each": ("bpr-max", "each", {"temperature": 1.3, "regularization": 0.0}, {}),
    "bpr-max-large": ("bpr-max", "shared", {"regularization": 0.0}, {"large"}),
    "top1-max-mixed": ("top1-max", "mixed", {}, {"bias"}),
    "top1-max-each": ("top1-max", "each", {"temperature": 0.7}, {}),
    "top1-max-large": ("top1-max", "batch", {}, {"large"}),
    "bce-batch": ("bce", "batch", {}, {}),
    "bpr-max-sessions": ("bpr-max", "mixed", {"regularization": 0.5}, {"bias", "sessions"}),
    "sampled-softmax-sessions": ("sampled-softmax", "batch", {}, {"logQ", "sessions"}),
}


def ranking_loss(kind, own, others, hits, options):
    """own [labels, 1], others and hits [labels, n] → [labels]. Each formula as its paper writes it, in float64."""
    allowed = others.masked_fill(hits, -torch.inf)
    kept = (~hits).double()
    if kind == "sampled-softmax":
        return F.cross_entropy(torch.cat([own, allowed], 1), torch.zeros(len(own), dtype=torch.long), reduction="none")
    if kind in ("bce", "gbce"):
        alpha = others.shape[1] / (ROWS - RESERVED - 1)
        t = options.get("calibration", 0.0)
        beta = alpha * (t * (1 - 1 / alpha) + 1 / alpha)
        if options.get("prior", True):
            start = math.log(beta / others.shape[1])
            own, others = own + start, others + start
        positive = -F.logsigmoid(own)[:, 0] if kind == "bce" else -torch.log(torch.sigmoid(own[:, 0]) ** beta)
        negative = F.binary_cross_entropy_with_logits(others, torch.zeros_like(others), reduction="none")
        return positive + (negative * kept).sum(1)
    if kind == "bpr":
        return (-F.logsigmoid(own - others) * kept).sum(1) / kept.sum(1)
    weights = torch.softmax(allowed, 1)
    if kind == "bpr-max":
        penalty = (weights * others**2).sum(1)
        return -torch.log((weights * torch.sigmoid(own - others)).sum(1)) + options["regularization"] * penalty
    if kind == "top1-max":
        return (weights * (torch.sigmoid(others - own) + torch.sigmoid(others**2))).sum(1)
    raise ValueError(kind)


def next_item_loss(kind, negatives, options, tensors):
    hidden, table, bias, targets = (tensors[name] for name in ("hidden", "table", "bias", "targets"))
    temperature = options.get("temperature", 1.0)
    logits = (hidden @ table.T + (0 if bias is None else bias)) / temperature  # [labels, rows]
    if kind == "full-softmax":
        smoothing = options.get("labelSmoothing", 0.0)
        return F.cross_entropy(
            logits[:, RESERVED:], targets - RESERVED, reduction="none", label_smoothing=smoothing
        )
    codes, log_q = tensors.get("negatives"), tensors.get("logQ")
    own_q = tensors.get("targetLogQ")
    in_batch = targets.expand(LABELS, -1)
    if negatives == "batch":
        codes, log_q = in_batch, own_q
    elif negatives == "mixed":
        codes = torch.cat([in_batch, codes.expand(LABELS, -1)], 1)
        log_q = None if log_q is None else torch.cat([own_q, log_q])
    codes = codes.expand(LABELS, -1)
    hits = codes == targets[:, None]
    if (sessions := tensors.get("sessions")) is not None:
        hits[:, :LABELS] |= sessions[:, None] == sessions
    own, others = logits.gather(1, targets[:, None]), logits.gather(1, codes)
    if log_q is not None:
        own, others = own - own_q[:, None] * options.get("correctTarget", False), others - log_q
    return ranking_loss(kind, own, others, hits, options)


def noise(generator, *shape):
    return float32_exact(torch.randn(shape, generator=generator, dtype=torch.float64))


def with_gradients(loss, cotangent, leaves):
    (loss * cotangent).sum().backward()
    return {"loss": loss.detach()} | {f"grad.{name}": leaf.grad for name, leaf in leaves.items()}


def make_next_item(case, seed):
    kind, negatives, options, special = CASES[case]
    generator = torch.Generator().manual_seed(seed)
    leaves = {
        "hidden": noise(generator, LABELS, WIDTH) * (32 if "large" in special else 1),
        "table": noise(generator, ROWS, WIDTH),
    }
    if "bias" in special:
        leaves["bias"] = noise(generator, ROWS)
    leaves = {name: leaf.requires_grad_() for name, leaf in leaves.items()}
    inputs = {"targets": torch.tensor(TARGETS), "cotangent": noise(generator, LABELS)}
    if negatives not in ("none", "batch"):
        inputs["negatives"] = torch.tensor(EACH if negatives == "each" else SHARED)
    if "logQ" in special:
        inputs["targetLogQ"] = noise(generator, LABELS)
        if negatives != "batch":
            inputs["logQ"] = noise(generator, *inputs["negatives"].shape)
    if "sessions" in special:
        inputs["sessions"] = torch.tensor(SESSIONS)
    tensors = {"bias": None, **leaves, **inputs}
    loss = next_item_loss(kind, negatives, options, tensors)
    expected = with_gradients(loss, inputs["cotangent"], leaves)
    weights = {name: leaf.detach() for name, leaf in leaves.items()}
    described = {"loss": kind, "negatives": negatives, **options}
    write("losses", case, described, weights, inputs, expected)


PRESENT = [1.0, 1.0, 0.0, 1.0, 1.0, 0.0]
TARGET_CASES = {
    "binary": ("binary", {}, {}),
    "binary-weighted": ("binary", {"positiveWeight": 3.0}, {"missing", "large"}),
    "multi-class": ("multi-class", {}, {}),
    "multi-class-smoothed": ("multi-class", {"smoothing": 0.2}, {"missing"}),
    "squared-error": ("squared-error", {}, {"missing"}),
    "squared-error-log1p": ("squared-error", {"log1p": True}, {}),
    "huber": ("huber", {"delta": 0.6}, {"missing"}),
    "huber-log1p": ("huber", {"log1p": True}, {}),
    "poisson": ("poisson", {}, {"missing"}),
}


def target_loss(kind, options, outputs, targets):
    if kind == "binary":
        weight = torch.tensor(options.get("positiveWeight", 1.0), dtype=torch.float64)
        return F.binary_cross_entropy_with_logits(outputs, targets, pos_weight=weight, reduction="none")
    if kind == "multi-class":
        smoothing = options.get("smoothing", 0.0)
        return F.cross_entropy(outputs, targets, label_smoothing=smoothing, reduction="none")
    learnt = torch.log1p(targets) if options.get("log1p") else targets
    if kind == "squared-error":
        return F.mse_loss(outputs, learnt, reduction="none")
    if kind == "huber":
        return F.huber_loss(outputs, learnt, delta=options.get("delta", 1.0), reduction="none")
    return F.poisson_nll_loss(outputs, targets, log_input=True, full=False, reduction="none")


def make_target(case, seed):
    kind, options, special = TARGET_CASES[case]
    generator = torch.Generator().manual_seed(seed)
    shape = (LABELS, 4) if kind == "multi-class" else (LABELS,)
    outputs = (noise(generator, *shape) * (32 if "large" in special else 1)).requires_grad_()
    targets = {
        "binary": torch.tensor([1.0, 0.0, 1.0, 0.0, 1.0, 0.25], dtype=torch.float64),
        "multi-class": torch.tensor([3, 0, 1, 1, 2, 3]),
        "poisson": torch.tensor([0.0, 3.0, 1.0, 7.0, 2.0, 0.0], dtype=torch.float64),
    }.get(kind, float32_exact(noise(generator, LABELS).abs() * 3))
    inputs = {"targets": targets, "cotangent": noise(generator, LABELS)}
    present = torch.tensor(PRESENT, dtype=torch.float64)
    loss = target_loss(kind, options, outputs, targets)
    if "missing" in special:
        inputs["present"] = present
        loss = loss * present
    expected = with_gradients(loss, inputs["cotangent"], {"outputs": outputs})
    # The mean over the targets that are there, for all cases.
    expected["mean"] = loss.detach().sum() / (present.sum() if "missing" in special else LABELS)
    write("target-losses", case, {"loss": kind, **options}, {"outputs": outputs.detach()}, inputs, expected)


def write(block, case, config, weights, inputs, expected):
    stored = {name: value.int() if value.dtype == torch.int64 else value for name, value in inputs.items()}
    described = {"made_with": {"torch": torch.__version__.split("+")[0]}, "config": config}
    write_fixture(block, case, described, weights, stored, expected)


for seed, case in enumerate(CASES, start=1):
    make_next_item(case, seed)
for seed, case in enumerate(TARGET_CASES, start=1):
    make_target(case, seed)
