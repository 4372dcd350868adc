//! A `.pt` file from anywhere: it is refused, or its tensors have as many numbers as their shapes
//! say.

#![no_main]

use std::io::Cursor;

use backstep::scenario::tensor_file::{Kind, TensorFile};
use libfuzzer_sys::fuzz_target;

const MOST_ELEMENTS: usize = 10_000;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut file) = TensorFile::open(Kind::Pt, Cursor::new(bytes)) else {
        return;
    };
    let keys: Vec<String> = file.keys().iter().take(20).cloned().collect();
    for key in std::iter::once(None).chain(keys.iter().map(|key| Some(key.as_str()))) {
        if let Ok(tensor) = file.tensor(key, MOST_ELEMENTS) {
            assert_eq!(tensor.data().len(), tensor.shape().numel());
            assert!(tensor.data().len() <= MOST_ELEMENTS);
        }
    }
});
