//! A `.npy` file from anywhere: it is refused, or its tensors have as many numbers as their shapes
//! say.

#![no_main]

use std::io::Cursor;

use backstep::scenario::tensor_file::{Kind, keys, read};
use libfuzzer_sys::fuzz_target;

const MOST_ELEMENTS: usize = 10_000;

fuzz_target!(|bytes: &[u8]| {
    let read = |key: Option<&str>| {
        if let Ok(tensor) = read(Kind::Npy, &mut Cursor::new(bytes), key, MOST_ELEMENTS) {
            assert_eq!(tensor.data().len(), tensor.shape().numel());
            assert!(tensor.data().len() <= MOST_ELEMENTS);
        }
    };
    read(None);
    for key in keys(Kind::Npy, &mut Cursor::new(bytes))
        .unwrap_or_default()
        .iter()
        .take(20)
    {
        read(Some(key));
    }
});
