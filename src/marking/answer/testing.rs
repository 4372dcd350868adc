//! A network, and answers to it.

use super::content::Answer;
use crate::scenario::{NoFiles, Options, Scenario};
use crate::tape::Network;

/// A network with tensors of rank 2, 1 and 0: `pool`, a view of it, `fc.weight`, `fc.bias`, and
/// `loss`.
pub(super) fn network() -> std::sync::Arc<Network> {
    let json = r#"{
        "backstep": 1, "inputs": { "pool": [[4, 2], [2, 5]] },
        "layers": [
            { "name": "flat", "op": "flatten" },
            { "name": "fc", "op": "linear", "weight": [[1, 1, 1, 1]], "bias": [0] },
            { "name": "loss", "op": "sum" }
        ]
    }"#;
    Scenario::read("net.json", json.as_bytes(), &NoFiles, Options::default())
        .unwrap()
        .network
}

/// The numbers of `pool`, and what is wrong with anything.
pub(super) fn read(file_name: &str, bytes: &[u8]) -> (Option<Vec<Option<f64>>>, Vec<String>) {
    let network = network();
    match Answer::read(file_name, bytes, &network) {
        Ok(answer) => {
            let numbers = answer
                .numbers(network.find("pool").unwrap())
                .map(|numbers| numbers.iter().collect());
            (
                numbers,
                answer.problems.iter().map(ToString::to_string).collect(),
            )
        }
        Err(problem) => (None, vec![format!("unreadable: {problem}")]),
    }
}
