//! What a file is that people hand over in the place of one that can be read, by its bytes.

use std::io::{self, Read, Seek, SeekFrom};

/// A file of a kind that is not read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Foreign {
    /// What it is: `a PDF`.
    pub name: &'static str,
    /// What can be done with it.
    pub sort: Sort,
}

/// What can be done with a file that is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// It is for people to look at.
    Document,
    /// A sheet of it can be saved as text.
    Spreadsheet,
    /// A browser opens it.
    Page,
    /// Code and its results.
    Notebook,
    /// Arrays that another program can save otherwise.
    Arrays,
    /// Objects of Python.
    Pickle,
    /// Other files are in it.
    Archive,
    /// It stands for a file that is somewhere else.
    Pointer,
}

/// Where in a file its sign stands.
enum Sign {
    /// At its beginning.
    First(&'static [u8]),
    /// In an archive, anywhere: the names of what is in it are not compressed.
    InArchive(&'static [u8]),
    /// At the beginning of text, in small letters or capitals.
    Markup(&'static str),
    /// Behind the size of the first box.
    InBox(&'static [u8]),
    /// In JSON, anywhere.
    InJson(&'static [u8]),
}

use Sign::{First, InArchive, InBox, InJson, Markup};
use Sort::{Archive, Arrays, Document, Notebook, Page, Pickle, Pointer, Spreadsheet};

const KINDS: [(Sign, &str, Sort); 41] = [
    (First(b"%PDF-"), "a PDF", Document),
    (InArchive(b"xl/workbook"), "an Excel file", Spreadsheet),
    (InArchive(b"word/document"), "a Word file", Document),
    (
        InArchive(b"ppt/presentation"),
        "a PowerPoint file",
        Document,
    ),
    (
        InArchive(b"opendocument.spreadsheet"),
        "an OpenDocument spreadsheet",
        Spreadsheet,
    ),
    (
        InArchive(b"opendocument."),
        "an OpenDocument file",
        Document,
    ),
    (InArchive(b"Index/Tables/"), "a Numbers file", Spreadsheet),
    (InArchive(b"Index/Document.iwa"), "a Pages file", Document),
    (
        First(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        "an Office file of before 2007",
        Document,
    ),
    (First(b"{\\rtf"), "an RTF file", Document),
    (First(b"%!PS"), "a PostScript file", Document),
    (Markup("<!doctype html"), "a web page", Page),
    (Markup("<html"), "a web page", Page),
    (Markup("<head"), "a web page", Page),
    (Markup("<body"), "a web page", Page),
    (Markup("<table"), "a web page", Page),
    (Markup("<?xml"), "an XML file", Document),
    (Markup("<svg"), "a picture", Document),
    (First(b"\x89PNG"), "a picture", Document),
    (First(b"\xff\xd8\xff"), "a picture", Document),
    (First(b"GIF8"), "a picture", Document),
    (First(b"II*\0"), "a picture", Document),
    (First(b"MM\0*"), "a picture", Document),
    (InBox(b"ftyphei"), "a picture", Document),
    (InBox(b"ftypmif1"), "a picture", Document),
    (InBox(b"ftypavif"), "a picture", Document),
    (InJson(b"\"nbformat\""), "a notebook", Notebook),
    (First(b"\x80\x02"), "a pickle of Python", Pickle),
    (First(b"\x80\x03"), "a pickle of Python", Pickle),
    (First(b"\x80\x04"), "a pickle of Python", Pickle),
    (First(b"\x80\x05"), "a pickle of Python", Pickle),
    (First(b"\x89HDF"), "an HDF5 file", Arrays),
    (First(b"MATLAB 5.0"), "a MATLAB file", Arrays),
    (First(b"PAR1"), "a Parquet file", Arrays),
    (First(b"\x1f\x8b"), "a gzip archive", Archive),
    (First(b"7z\xbc\xaf"), "a 7-Zip archive", Archive),
    (First(b"Rar!"), "a RAR archive", Archive),
    (First(b"\xfd7zXZ"), "an xz archive", Archive),
    (First(b"\x28\xb5\x2f\xfd"), "a zstd archive", Archive),
    (First(b"BZh"), "a bzip2 archive", Archive),
    (
        First(b"version https://git-lfs"),
        "what Git LFS leaves in the place of a file",
        Pointer,
    ),
];

/// How many bytes at the beginning of a file are looked at.
const BEGINNING: u64 = 4 << 10;
/// How many at its end, where an archive has the names of what is in it.
const END: u64 = 64 << 10;

impl Foreign {
    /// Returns what the file of a reader is; nothing where it may be one that is read.
    ///
    /// # Errors
    /// Those of the reader, which is at its beginning afterwards.
    pub fn in_file(reader: &mut (impl Read + Seek)) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        reader.take(BEGINNING).read_to_end(&mut bytes)?;
        let end = reader.seek(SeekFrom::End(0))?.saturating_sub(END);
        reader.seek(SeekFrom::Start(end.max(bytes.len() as u64)))?;
        reader.take(END).read_to_end(&mut bytes)?;
        reader.rewind()?;
        Ok(Self::of(&bytes))
    }

    /// Returns what a file is, by its bytes, of which those at its beginning and its end count;
    /// nothing where it may be one that is read.
    ///
    /// ```
    /// use backstep::diagnostic::Foreign;
    ///
    /// assert_eq!(Foreign::of(b"%PDF-1.7 ...").unwrap().name, "a PDF");
    /// assert_eq!(Foreign::of(b"tensor,index,grad\n"), None);
    /// ```
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = text.trim_ascii_start();
        let (first, last) = (BEGINNING as usize, bytes.len().saturating_sub(END as usize));
        let ends = [&bytes[..first.min(bytes.len())], &bytes[last..]];
        let is_in = |bytes: &[u8], sign: &[u8]| bytes.windows(sign.len()).any(|it| it == sign);
        let has = |sign: &[u8]| ends.iter().any(|bytes| is_in(bytes, sign));
        let is = |sign: &Sign| match *sign {
            First(sign) => bytes.starts_with(sign),
            InArchive(sign) => bytes.starts_with(b"PK\x03\x04") && has(sign),
            Markup(sign) => {
                let beginning = text.get(..sign.len());
                beginning.is_some_and(|it| it.eq_ignore_ascii_case(sign.as_bytes()))
            }
            InBox(sign) => bytes.get(4..).is_some_and(|rest| rest.starts_with(sign)),
            InJson(sign) => text.starts_with(b"{") && has(sign),
        };
        // A safetensors file begins with a length, whose bytes may be anything.
        let is_length = bytes.get(8) == Some(&b'{') && bytes[..8].ends_with(&[0; 4]);
        let mut kinds = KINDS.iter().filter(|_| !is_length);
        let (_, name, sort) = kinds.find(|(sign, ..)| is(sign))?;
        let (name, sort) = (*name, *sort);
        Some(Self { name, sort })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_kind_is_known_by_its_bytes() {
        let archive = |inside: &str| [b"PK\x03\x04....", inside.as_bytes()].concat();
        for (bytes, name) in [
            (b"%PDF-1.7".to_vec(), "a PDF"),
            (archive("xl/workbook.xml"), "an Excel file"),
            (archive("word/document.xml"), "a Word file"),
            (
                archive("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
                "an OpenDocument spreadsheet",
            ),
            (
                archive("mimetypeapplication/vnd.oasis.opendocument.text"),
                "an OpenDocument file",
            ),
            (b"\xef\xbb\xbf\n <!DOCTYPE HTML>".to_vec(), "a web page"),
            (b"\0\0\0\x18ftypheic".to_vec(), "a picture"),
            (b"\x80\x04\x95".to_vec(), "a pickle of Python"),
            (b"{ \"cells\": [], \"nbformat\": 4 }".to_vec(), "a notebook"),
        ] {
            assert_eq!(Foreign::of(&bytes).map(|kind| kind.name), Some(name));
        }
        let long = [archive(""), vec![0; 1 << 20], b"xl/workbook.xml".to_vec()].concat();
        let found = Foreign::in_file(&mut io::Cursor::new(&long)).unwrap();
        assert_eq!(found, Foreign::of(&long));
        assert_eq!(found.map(|kind| kind.name), Some("an Excel file"));
        for bytes in [
            archive("pool.npy"),
            b"".to_vec(),
            b"PK".to_vec(),
            b"tensor,index,grad\n".to_vec(),
            b"\"nbformat\",\"xl/workbook\"\n".to_vec(),
            b"\x80\x02\0\0\0\0\0\0{\"pool\": {}}".to_vec(),
            b"{ \"format\": \"backstep-answer/1\" }".to_vec(),
        ] {
            assert_eq!(Foreign::of(&bytes), None);
        }
    }
}
