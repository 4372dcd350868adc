//! What the marks on the map mean, and the words that stand beside numbers.

/// The marks on the map, each with what it means.
pub(super) const MARKS: &[(&str, &str)] = &[
    (
        "┏━┓ []",
        "the current neuron, whose gradient is being summed",
    ),
    (
        "① ② ⓐ",
        "a term: at the neuron that sends it, on its wire, at its weight, at its row",
    ),
    (
        "╭①  ╮",
        "the frame of a neuron that sends something, in the colour of its term",
    ),
    ("◀ ⊕", "where the wires come together and are added"),
    (
        "╌╌╌",
        "a wire that sends zero, or what is still to be added",
    ),
    ("━━━", "a cable: several terms, whose numbers stand on it"),
    (
        "═ ║",
        "round the neurons that a window looks at; of several, each has the sign of its term",
    ),
    (
        "★",
        "the winner of a pooling window; those that lose are crossed out",
    ),
    ("·", "a gradient that is not yet computed"),
    (
        "▀ ▄ ░▒▓",
        "the shade of a number in a picture: the strongest stands for the number after ±",
    ),
    ("≠", "a number that an edit has changed"),
    (
        "●",
        "on the timeline, where you are; a click goes elsewhere",
    ),
    ("◆", "a breakpoint"),
    (
        "✓ ~ ✗ ?",
        "in an answer: right, carried on from an earlier slip, wrong, blank",
    ),
];

/// Words, each with what it means.
pub(super) const WORDS: &[(&str, &str)] = &[
    (
        "gradient",
        "how much the loss grows for each unit that a number grows",
    ),
    (
        "upstream",
        "the gradient of the downstream neuron, which is already known",
    ),
    (
        "downstream",
        "nearer to the loss: computed from this neuron",
    ),
    (
        "term",
        "what one downstream neuron sends: its gradient times the local factors",
    ),
    (
        "slope",
        "how steep an activation is at its input: 1 or 0 for a ReLU",
    ),
    ("weight", "what a layer multiplies the neuron's value by"),
    ("input", "the value that a weight multiplies"),
    (
        "winner",
        "1 for the largest of a max-pooling window, which alone is passed on, else 0",
    ),
    ("share", "one over the size of an averaging window"),
    ("operand", "the other side of a product or a quotient"),
    ("sign", "−1 for what is subtracted"),
    (
        "jacobian",
        "how one output moves with one input, where all depend on all, as in softmax",
    ),
    ("scale", "a constant factor, such as 1/N for a mean"),
    (
        "local",
        "all factors of a term but the upstream gradient, multiplied",
    ),
    (
        "field",
        "the neurons from which a neuron is computed: its receptive field",
    ),
];
