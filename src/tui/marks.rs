//! What the marks on the map mean.

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
    (
        "≈",
        "the numbers before it are rounded, and as they stand they give another last digit",
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
