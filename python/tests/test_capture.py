"""PyTorch models, recorded: their own gradients are all right, but for one with a planted bug."""

import shutil
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

import backstep
import torch
from torch import Tensor, nn
from torch.nn import functional as F


class LeNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, image: Tensor) -> Tensor:
        for conv in (self.conv1, self.conv2):
            image = F.max_pool2d(torch.relu(conv(image)), 2)
        flat = torch.flatten(image, 1)
        return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(flat)))))


class BasicBlock(nn.Module):
    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride, 1, bias=False)
        self.bn1, self.relu = nn.BatchNorm2d(n_out), nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, 1, 1, bias=False)
        self.bn2, self.downsample = nn.BatchNorm2d(n_out), None
        if stride > 1:
            conv = nn.Conv2d(n_in, n_out, 1, stride, bias=False)
            self.downsample = nn.Sequential(conv, nn.BatchNorm2d(n_out))

    def forward(self, x: Tensor) -> Tensor:
        straight = x if self.downsample is None else self.downsample(x)
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        out += straight
        return self.relu(out)


class ResNet18(nn.Module):
    """The layers of ResNet-18, an eighth as wide."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1, self.relu = nn.BatchNorm2d(width), nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        widths = [width, width, 2 * width, 4 * width, 8 * width]
        for number in range(1, 5):
            first = BasicBlock(widths[number - 1], widths[number], 1 if number == 1 else 2)
            blocks = nn.Sequential(first, BasicBlock(widths[number], widths[number], 1))
            setattr(self, f"layer{number}", blocks)
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(widths[4], 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


class Reader(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 5)
        self.lstm, self.fc = nn.LSTM(5, 6, num_layers=2, batch_first=True), nn.Linear(6, 3)

    def forward(self, tokens: Tensor) -> Tensor:
        states, _ = self.lstm(self.embedding(tokens))
        return self.fc(states[:, -1])


class Tied(nn.Module):
    """A weight that embeds and reads out, and a layer that is gone through twice."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.fc, self.act = nn.Embedding(9, 6), nn.Linear(6, 6), nn.Tanh()
        self.head = nn.Linear(6, 9, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, tokens: Tensor) -> Tensor:
        h = self.act(self.fc(self.act(self.fc(self.embedding(tokens)))))
        return self.head(h).transpose(1, 2)


class Square(torch.autograd.Function):
    """x², whose slope forgets the 2."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return gradient * x


class Planted(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 5), nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(Square.apply(self.first(x)))


def with_everything() -> nn.Module:
    """Batch norm and dropout of two kinds, to be trained."""
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout2d(0.5), nn.Flatten(),
        nn.Linear(64, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3),
    )  # fmt: skip


class Captured(unittest.TestCase):
    def setUp(self) -> None:
        torch.manual_seed(1)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name, "net")

    def report(
        self, model: nn.Module, inputs: Any, target: Any = None, loss: Any = None
    ) -> dict[str, Any]:
        """Records a model, and checks its gradients and that nothing of it has changed."""
        before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        modes = [module.training for module in model.modules()]
        chance = torch.get_rng_state()
        backstep.capture(model, inputs, target, self.folder, loss=loss)
        self.assertTrue(torch.equal(chance, torch.get_rng_state()))
        self.assertEqual(modes, [module.training for module in model.modules()])
        for name, tensor in model.state_dict().items():
            self.assertTrue(torch.equal(before[name], tensor), name)
        self.assertTrue(all(parameter.grad is None for parameter in model.parameters()))
        report = backstep.check(self.folder, rtol=1e-9, atol=1e-11)
        return report["submissions"][0]

    def assert_right(self, model: nn.Module, *given: Any, **named: Any) -> None:
        """Every module and every parameter has its gradient, and each is right."""
        marked = self.report(model, *given, **named)
        wrong = [tensor for tensor in marked["tensors"] if tensor["status"] != "correct"]
        self.assertEqual(wrong, [])
        self.assertEqual(marked.get("remarks", []), [])
        names = {tensor["name"] for tensor in marked["tensors"]}
        gradients = torch.load(self.folder / "gradients.pt")
        given_names = {name for name in gradients if not name.startswith("value/")}
        views = {name for name, module in model.named_modules() if isinstance(module, nn.Flatten)}
        legal = {name if not name[0].isdigit() else f"_{name}" for name in given_names - views}
        self.assertEqual(names, legal)

    def test_lenet(self) -> None:
        self.assert_right(LeNet(), torch.randn(2, 1, 28, 28), torch.tensor([3, 7]))

    def test_resnet_18(self) -> None:
        images, classes = torch.randn(2, 3, 64, 64), torch.tensor([3, 7])
        self.assert_right(ResNet18(), images, classes)
        names = set(torch.load(self.folder / "gradients.pt"))
        # A block that ends in an operation done in place, and what that was done to.
        self.assertLessEqual({"layer1.0.bn2", "layer1.0.relu_2"}, names)

    def test_transformer_block(self) -> None:
        x, target = torch.randn(2, 5, 16), torch.randn(2, 5, 16)
        block = nn.TransformerEncoderLayer(16, 4, 32, dropout=0.2, batch_first=True)
        self.assert_right(block, x, target)

    def test_transformer_block_in_evaluation(self) -> None:
        x, target = torch.randn(2, 5, 16), torch.randn(2, 5, 16)
        block = nn.TransformerEncoderLayer(16, 4, 32, dropout=0.2, batch_first=True)
        self.assert_right(block.eval(), x, target)

    def test_lstm(self) -> None:
        self.assert_right(Reader(), torch.randint(0, 11, (2, 4)), torch.tensor([0, 2]))

    def test_batch_norm_and_dropout_in_training(self) -> None:
        model = nn.Sequential()
        model.net = with_everything()
        images, classes = torch.randn(6, 1, 6, 6), torch.tensor([0, 1, 2, 0, 1, 2])
        self.assert_right(model, images, classes)
        scenario = (self.folder / "scenario.json").read_text()
        self.assertEqual(scenario.count('"op": "dropout"'), 2)
        self.assertEqual(scenario.count('"training": true'), 2)

    def test_a_sequence_whose_modules_have_numbers_for_names(self) -> None:
        images, classes = torch.randn(6, 1, 6, 6), torch.tensor([0, 1, 2, 0, 1, 2])
        marked = self.report(with_everything(), images, classes)
        status = {tensor["name"]: tensor["status"] for tensor in marked["tensors"]}
        self.assertEqual(set(status.values()), {"correct"})
        self.assertLessEqual({"_0", "_1", "_3", "_8", "_9", "_9.weight"}, set(status))

    def test_tied_weights(self) -> None:
        tokens = torch.randint(0, 9, (2, 4))
        self.assert_right(Tied(), tokens, torch.randint(0, 9, (2, 4)))

    def test_a_planted_bug_is_found(self) -> None:
        marked = self.report(Planted(), torch.randn(2, 4), torch.tensor([0, 2]))
        self.assertEqual(marked["verdict"], "wrong")
        status = {tensor["name"]: tensor["status"] for tensor in marked["tensors"]}
        self.assertEqual(status["second.weight"], "correct")
        # It is wrong where the bug is, and what came later follows rightly from it.
        self.assertEqual(status["first"], "wrong")
        self.assertEqual(status["first.weight"], "carried")

    def test_a_loss_of_ones_own_and_several_inputs(self) -> None:
        class Two(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.a, self.b = nn.Linear(3, 4), nn.Linear(2, 4)

            def forward(self, left: Tensor, right: Tensor, scale: float = 2.0) -> dict[str, Tensor]:
                return {"sum": torch.sigmoid(self.a(left) + scale * self.b(right))}

        def loss(output: dict[str, Tensor], target: Tensor) -> Tensor:
            return F.binary_cross_entropy(output["sum"], target)

        inputs = {"right": torch.randn(5, 2), "left": torch.randn(5, 3)}
        self.assert_right(Two(), inputs, torch.rand(5, 4), loss=loss)

    def test_losses_that_onnx_has_not(self) -> None:
        sign, row = torch.sign, torch.arange(3)
        for loss in (
            F.l1_loss,
            lambda y, t: F.smooth_l1_loss(y, t, beta=0.5, reduction="sum"),
            lambda y, t: F.huber_loss(y, t, delta=0.3),
            lambda y, t: F.binary_cross_entropy(torch.sigmoid(y), torch.sigmoid(t)),
            lambda y, t: F.soft_margin_loss(y, sign(t)),
            lambda y, t: F.hinge_embedding_loss(y, sign(t)),
            lambda y, t: F.margin_ranking_loss(y[:, 0], y[:, 1], sign(t[:, 0]), 0.1),
            lambda y, t: F.poisson_nll_loss(y, t.abs()),
            lambda y, t: F.cosine_embedding_loss(y, t, sign(t[:, 0]), margin=0.1),
            lambda y, t: F.cross_entropy(y, F.softmax(t, 1)),
            lambda y, t: F.cross_entropy(y, row, label_smoothing=0.2),
        ):
            x, target = torch.randn(3, 5), torch.randn(3, 4)
            marked = self.report(nn.Linear(5, 4), x, target, loss=loss)
            self.assertTrue(all(tensor["status"] == "correct" for tensor in marked["tensors"]))
            shutil.rmtree(self.folder)

    def test_losses_of_margins(self) -> None:
        classes = torch.tensor([0, 2, 1, 3, 3, 0])
        several = torch.tensor([[0, 2, -1, 1], [3, -1, 0, 1], [1, 2, 3, 0]] * 2)

        def parts(y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            return y[:2], y[2:4], y[4:]

        for loss in (
            lambda y, _: F.triplet_margin_loss(*parts(y), margin=2.0),
            lambda y, _: F.triplet_margin_loss(*parts(y), 3.0, p=1, swap=True, reduction="sum"),
            lambda y, _: nn.TripletMarginLoss(swap=True, margin=4.0)(*parts(y)),
            lambda y, _: F.triplet_margin_loss(*parts(y), margin=9.0, p=3),
            lambda y, _: nn.PairwiseDistance(1)(y[:3], y[3:]).sum(),
            lambda y, _: nn.PairwiseDistance(float("inf"), keepdim=True)(y[:3], y[3:]).sum(),
            lambda y, _: F.triplet_margin_with_distance_loss(*parts(y), margin=5.0),
            lambda y, _: F.multi_margin_loss(y, classes),
            lambda y, _: nn.MultiMarginLoss(2, 0.5, torch.arange(1.0, 5.0).double())(y, classes),
            lambda y, _: F.multi_margin_loss(y[0], classes[0], reduction="sum"),
            lambda y, _: F.multilabel_margin_loss(y, several),
            lambda y, _: nn.MultiLabelMarginLoss(reduction="none")(y, several)[1:4].sum(),
            lambda y, _: F.multilabel_margin_loss(y[1], several[1]),
        ):
            marked = self.report(nn.Linear(5, 4), torch.randn(6, 5), None, loss=loss)
            self.assertTrue(all(tensor["status"] == "correct" for tensor in marked["tensors"]))
            shutil.rmtree(self.folder)

    def test_bilinear_layers(self) -> None:
        class Pairs(nn.Module):
            def __init__(self, bias: bool) -> None:
                super().__init__()
                self.fc, self.pair = nn.Linear(5, 3), nn.Bilinear(3, 5, 4, bias=bias)

            def forward(self, x: Tensor) -> Tensor:
                return self.pair(torch.tanh(self.fc(x)), x)

        for bias, shape in ((True, (6, 5)), (False, (2, 3, 5))):
            self.assert_right(Pairs(bias), torch.randn(*shape), torch.randn(*shape[:-1], 4))
            shutil.rmtree(self.folder)

    def test_ctc_is_refused_with_a_way_round_it(self) -> None:
        torch.manual_seed(3)
        x, labels, lengths = torch.randn(6, 2, 5), torch.tensor([[1, 2], [3, 1]]), (6, 6)
        model = nn.Sequential(nn.Linear(5, 4), nn.LogSoftmax(-1))
        loss = nn.CTCLoss()

        def ctc(output: Tensor, _: None) -> Tensor:
            return loss(output, labels, torch.tensor(lengths), torch.tensor([2, 2]))

        self.assert_refused(
            "`ctc_loss` adds up over all alignments.*`loss=lambda",
            lambda: backstep.capture(model, x, None, self.folder, loss=ctc),
        )
        output = model.double()(x.double()).detach().requires_grad_()
        (g,) = torch.autograd.grad(ctc(output, None), output)
        marked = self.report(model, x, None, loss=lambda output, _: (output * g).sum())
        self.assertTrue(all(tensor["status"] == "correct" for tensor in marked["tensors"]))

    def test_noise_of_any_kind_is_recorded(self) -> None:
        class Noisy(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.fc = nn.Linear(3, 4)

            def forward(self, x: Tensor) -> Tensor:
                h = self.fc(x)
                kept = torch.empty(h.shape[0], 1).bernoulli_(0.5)
                return F.alpha_dropout(h + torch.randn_like(h), 0.5, True) * kept

        self.assert_right(Noisy(), torch.randn(6, 3), torch.randn(6, 4))

    def assert_refused(self, says: str, capture: Callable[[], Any]) -> None:
        with self.assertRaisesRegex(backstep.CaptureError, says):
            capture()
        self.assertFalse(self.folder.exists())

    def test_draws_that_nothing_can_record_are_refused(self) -> None:
        lstm = nn.LSTM(3, 3, num_layers=2, dropout=0.5)

        def loss(output: tuple[Tensor, Any], _: None) -> Tensor:
            return output[0].sum()

        self.assert_refused(
            "where they cannot be recorded",
            lambda: backstep.capture(lstm, torch.randn(2, 1, 3), None, self.folder, loss=loss),
        )

    def test_what_has_no_op_is_refused_by_name(self) -> None:
        class Determinant(nn.Module):
            def forward(self, x: Tensor) -> Tensor:
                return torch.linalg.det(x)

        self.assert_refused(
            "Det|det", lambda: backstep.capture(Determinant(), torch.randn(3, 3), None, self.folder)
        )

    def test_a_recording_is_replaced_only_where_that_is_said(self) -> None:
        model, x = nn.Linear(3, 2), torch.randn(1, 3)
        backstep.capture(model, x, None, self.folder)
        with self.assertRaises(FileExistsError):
            backstep.capture(model, x, None, self.folder)
        backstep.capture(model, 2 * x, None, self.folder, overwrite=True)
        self.assertTrue((self.folder / "scenario.json").exists())

    def test_gradients_of_ones_own(self) -> None:
        model, x = nn.Linear(3, 2), torch.randn(4, 3)
        backstep.capture(model, x, torch.randn(4, 2), self.folder)
        gradients = torch.load(self.folder / "gradients.pt")
        own = {"weight": gradients["weight"], "bias": 4 * gradients["bias"]}
        tensors = backstep.check(self.folder, own)["submissions"][0]["tensors"]
        status = {tensor["name"].split(".")[-1]: tensor["status"] for tensor in tensors}
        self.assertEqual((status["weight"], status["bias"]), ("correct", "wrong"))

    def test_what_the_folder_holds_can_be_loaded(self) -> None:
        try:
            import numpy
        except ImportError:
            self.skipTest("NumPy is not installed")
        backstep.capture(LeNet(), torch.randn(1, 1, 28, 28), torch.tensor([3]), self.folder)
        run = backstep.load(self.folder)
        gradients = torch.load(self.folder / "gradients.pt")
        recorded = numpy.array(gradients["fc2.weight"].tolist())
        numpy.testing.assert_allclose(run.gradients["fc2.weight"], recorded, rtol=1e-9, atol=1e-12)
        terms = run.contributions("fc2")
        self.assertEqual(terms.shape, (1, 84))
        total = sum(term.product for term in terms[0, 0])
        self.assertEqual(total, run.gradients["fc2"][0, 0])


if __name__ == "__main__":
    unittest.main()
