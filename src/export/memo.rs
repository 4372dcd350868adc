//! Texts that come again and again, written once.

use crate::tensor::Element;

/// Tensors with more elements than this are not remembered: it is hardly worth the memory.
const MOST_ELEMENTS: usize = 1 << 16;
/// How many bytes of text are kept.
const MOST_BYTES: usize = 1 << 24;

/// The texts about elements, each for the number that it was written with.
#[derive(Default)]
pub(super) struct Memo {
    bytes: Vec<u8>,
    /// By tensor: its elements' texts, once one of them was written.
    tensors: Vec<Vec<Known>>,
}

/// A text that is known; none as long as its end is 0.
#[derive(Clone, Copy, Default)]
struct Known {
    number: u64,
    start: u32,
    end: u32,
    /// What the text was written for beside the number.
    tag: u8,
    /// What whoever wrote it has said of it.
    remark: u8,
}

impl Memo {
    /// Adds the text of an element, of a tensor with `numel` of them, with this number and for this
    /// purpose. Where it is not known yet, `write` writes it, and returns something to be known of
    /// it as well. Returns that.
    pub(super) fn write(
        &mut self,
        out: &mut Vec<u8>,
        (element, numel): (Element, usize),
        number: f64,
        tag: u8,
        write: impl FnOnce(&mut Vec<u8>) -> u8,
    ) -> u8 {
        let tensor = element.tensor.0 as usize;
        if numel > MOST_ELEMENTS {
            return write(out);
        }
        if self.tensors.len() <= tensor {
            self.tensors.resize(tensor + 1, Vec::new());
        }
        let texts = &mut self.tensors[tensor];
        if texts.is_empty() {
            *texts = vec![Known::default(); numel];
        }
        let known = texts[element.at];
        if known.end > 0 {
            if known.number != number.to_bits() || known.tag != tag {
                return write(out);
            }
            out.extend_from_slice(&self.bytes[known.start as usize..known.end as usize]);
            return known.remark;
        }
        let start = out.len();
        let remark = write(out);
        let text = &out[start..];
        if self.bytes.len() + text.len() <= MOST_BYTES {
            let start = self.bytes.len() as u32;
            self.bytes.extend_from_slice(text);
            texts[element.at] = Known {
                number: number.to_bits(),
                start,
                end: self.bytes.len() as u32,
                tag,
                remark,
            };
        }
        remark
    }
}
