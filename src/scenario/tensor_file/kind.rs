//! The formats of tensor files.

/// A format of tensor files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One array, as `numpy.save` writes it.
    Npy,
    /// A zip archive of `.npy` files, as `numpy.savez` and `numpy.savez_compressed` write it.
    Npz,
    /// A dictionary of tensors, as `torch.save` writes it. No instruction of its pickle is run.
    Pt,
    /// Named tensors, as `safetensors.torch.save_file` writes them.
    Safetensors,
}

impl Kind {
    /// Returns the format that a file's name ends in, in any letter case.
    pub fn of(file_name: &str) -> Option<Self> {
        let (_, ending) = file_name.rsplit_once('.')?;
        let kinds = [
            ("npy", Self::Npy),
            ("npz", Self::Npz),
            ("pt", Self::Pt),
            ("pth", Self::Pt),
            ("safetensors", Self::Safetensors),
        ];
        kinds
            .into_iter()
            .find(|(known, _)| ending.eq_ignore_ascii_case(known))
            .map(|(_, kind)| kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_the_format() {
        assert_eq!(Kind::of("w.npy"), Some(Kind::Npy));
        assert_eq!(Kind::of("W.NPZ"), Some(Kind::Npz));
        assert_eq!(Kind::of("grads.pt"), Some(Kind::Pt));
        assert_eq!(Kind::of("grads.pth"), Some(Kind::Pt));
        assert_eq!(Kind::of("model.v2.SafeTensors"), Some(Kind::Safetensors));
        for other in ["w", "npy", "w.npyx", "w.npy.gz", "w.", ""] {
            assert_eq!(Kind::of(other), None, "{other}");
        }
    }
}
