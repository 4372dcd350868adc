//! Sessions for tests.

use super::Session;
use crate::scenario::{NoFiles, Options, Scenario};

/// Four neurons in a square that feed three others: 19 steps.
pub(crate) fn linear() -> Session {
    of(r#"{
        "backstep": 1,
        "title": "Four feed three",
        "inputs": { "pool": [[4, 2], [2, 5]] },
        "layers": [
            { "name": "flat", "op": "flatten" },
            { "name": "fc", "op": "linear",
              "weight": [[1, 1.5, 0.5, 0.5], [-0.5, 3, -1, 1], [0.5, 0.5, 1, -1]],
              "bias": [0.5, -1, 1], "activation": "relu" }
        ],
        "upstream": { "fc": [2, 3, 6] },
        "notes": { "pool": "Every pooling neuron feeds all of fc.",
                   "pool[1,0]": "Its wires make 1, −3 and 6." }
    }"#)
}

/// The session of a scenario that is known to be right.
pub(crate) fn of(json: &str) -> Session {
    Session::new(
        Scenario::read(
            "example.json",
            json.as_bytes(),
            &NoFiles,
            Options::default(),
        )
        .unwrap(),
    )
}
