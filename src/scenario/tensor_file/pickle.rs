//! A pickle, read as data: the few opcodes that a dictionary of tensors is written with, and
//! nothing that could run.
//!
//! A pickle is a program for a small stack machine, and one of its instructions calls any function
//! of any Python module. Here a function is a name on a list of three, each of which only says what
//! its arguments mean. Everything else is refused by its name.
//!
//! What a program can cost is bounded by its length: an instruction makes one value at most, and no
//! value holds another but by a number.

use std::collections::BTreeMap;

use super::dtype::Dtype;
use super::{FileError, quoted};
use crate::tensor::MAX_RANK;

/// A dictionary of tensors, and of what else stands there under a name.
#[derive(Debug, Default)]
pub(super) struct Dictionary<'a> {
    entries: BTreeMap<&'a str, Value<'a>>,
    tensors: Vec<Layout<'a>>,
}

impl<'a> Dictionary<'a> {
    /// The names, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.entries.keys().copied()
    }

    /// The tensor under a name.
    pub(super) fn tensor(&self, name: &str) -> Result<&Layout<'a>, FileError> {
        match self.entries.get(name) {
            Some(&Value::Tensor(tensor)) => Ok(&self.tensors[tensor]),
            Some(other) => Err(FileError::new(format!(
                "{} is {}, and not a tensor",
                quoted(name),
                other.kind()
            ))
            .hint(ADVICE)),
            None => Err(FileError::new(format!(
                "the file has no key {}",
                quoted(name)
            ))),
        }
    }
}

/// How a tensor lies in its storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout<'a> {
    pub(super) storage: Storage<'a>,
    /// The place of the first element in the storage.
    pub(super) offset: usize,
    pub(super) sizes: Vec<usize>,
    /// How far apart in the storage two elements are that follow each other along an axis.
    pub(super) strides: Vec<usize>,
}

/// Numbers of one type that tensors are views of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Storage<'a> {
    pub(super) dtype: Dtype,
    /// The name of the archive's entry that holds them.
    pub(super) key: &'a str,
    /// How many numbers it holds.
    pub(super) length: usize,
}

/// Reads the dictionary that a pickle makes.
pub(super) fn read(bytes: &[u8]) -> Result<Dictionary<'_>, FileError> {
    let mut machine = Machine {
        rest: bytes,
        ..Machine::default()
    };
    match machine.run()? {
        Value::Dict(dict) => Ok(Dictionary {
            entries: std::mem::take(&mut machine.dicts[dict]),
            tensors: machine.tensors,
        }),
        other => Err(FileError::new(format!(
            "the file holds {}, and not tensors by their names",
            other.kind()
        ))
        .hint(ADVICE)),
    }
}

/// What to do about a file that holds something else.
const ADVICE: &str =
    "save a dictionary of tensors, `torch.save({name: tensor.detach(), ...}, file)`";

/// The newest version of the pickle format.
const NEWEST: u8 = 5;

/// A value on the stack. What is larger than a word lies in the machine and is meant by its number.
#[derive(Debug, Clone, Copy)]
enum Value<'a> {
    None,
    Bool,
    Int(i64),
    Float,
    Text(&'a str),
    Tuple(usize),
    List,
    Dict(usize),
    Function(Function),
    StorageType(Dtype),
    Storage(Storage<'a>),
    Tensor(usize),
}

/// The functions that a file may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    /// An empty dictionary that keeps its order.
    OrderedDict,
    /// A tensor from its storage, offset, sizes and strides.
    Tensor,
    /// A parameter from its tensor.
    Parameter,
}

impl Value<'_> {
    /// What the value is, in a message.
    fn kind(self) -> &'static str {
        match self {
            Self::None => "`None`",
            Self::Bool => "a truth value",
            Self::Int(_) | Self::Float => "a number",
            Self::Text(_) => "a text",
            Self::Tuple(_) => "a tuple",
            Self::List => "a list",
            Self::Dict(_) => "a dictionary",
            Self::Function(_) | Self::StorageType(_) => "a function or class",
            Self::Storage(_) => "a storage",
            Self::Tensor(_) => "a tensor without a name",
        }
    }
}

/// A pickle's machine.
#[derive(Default)]
struct Machine<'a> {
    rest: &'a [u8],
    stack: Vec<Value<'a>>,
    /// How many values the stack held at each mark that is still open.
    marks: Vec<usize>,
    memo: BTreeMap<u32, Value<'a>>,
    tuples: Vec<Vec<Value<'a>>>,
    dicts: Vec<BTreeMap<&'a str, Value<'a>>>,
    tensors: Vec<Layout<'a>>,
}

impl<'a> Machine<'a> {
    /// Obeys the instructions up to the last, and returns the value that is left.
    fn run(&mut self) -> Result<Value<'a>, FileError> {
        loop {
            let opcode = self.byte()?;
            if opcode == b'.' {
                return self.pop();
            }
            self.obey(opcode)?;
        }
    }

    fn obey(&mut self, opcode: u8) -> Result<(), FileError> {
        let value = match opcode {
            // PROTO and FRAME
            0x80 => return self.version(),
            0x95 => return self.take(8).map(|_| ()),
            b'(' => {
                self.marks.push(self.stack.len());
                return Ok(());
            }
            // BINPUT, LONG_BINPUT and MEMOIZE
            b'q' => return self.byte().and_then(|number| self.remember(number.into())),
            b'r' => {
                return self
                    .number()
                    .map(u32::from_le_bytes)
                    .and_then(|number| self.remember(number));
            }
            0x94 => return self.remember(self.memo.len() as u32),
            // SETITEM, SETITEMS, APPEND, APPENDS and BUILD
            b's' => {
                let first = self.above(2)?;
                return self.set(first);
            }
            b'u' => {
                let first = self.mark()?;
                return self.set(first);
            }
            b'a' => {
                let first = self.above(1)?;
                return self.append(first);
            }
            b'e' => {
                let first = self.mark()?;
                return self.append(first);
            }
            b'b' => return self.build(),
            // BINGET and LONG_BINGET
            b'h' => self.byte().and_then(|number| self.recall(number.into()))?,
            b'j' => self
                .number()
                .map(u32::from_le_bytes)
                .and_then(|number| self.recall(number))?,
            b'N' => Value::None,
            0x88 | 0x89 => Value::Bool,
            // BININT, BININT1, BININT2, LONG1 and BINFLOAT
            b'J' => Value::Int(i32::from_le_bytes(self.number()?).into()),
            b'K' => Value::Int(self.byte()?.into()),
            b'M' => Value::Int(u16::from_le_bytes(self.number()?).into()),
            0x8a => self.long()?,
            b'G' => self.take(8).map(|_| Value::Float)?,
            // BINUNICODE and SHORT_BINUNICODE
            b'X' => {
                let length = u32::from_le_bytes(self.number()?);
                self.text(length as usize)?
            }
            0x8c => {
                let length = self.byte()?;
                self.text(length.into())?
            }
            b'}' => self.dict(),
            b']' => Value::List,
            // EMPTY_TUPLE, TUPLE1, TUPLE2, TUPLE3 and TUPLE
            b')' => self.tuple(self.stack.len()),
            0x85..=0x87 => {
                let first = self.above(usize::from(opcode - 0x84))?;
                self.tuple(first)
            }
            b't' => {
                let first = self.mark()?;
                self.tuple(first)
            }
            // GLOBAL and STACK_GLOBAL
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                named(module, name)?
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (Value::Text(module), Value::Text(name)) = (module, name) else {
                    return Err(not_understood());
                };
                named(module, name)?
            }
            b'R' => self.call()?,
            b'Q' => self.persistent()?,
            other => return Err(refused(other)),
        };
        self.stack.push(value);
        Ok(())
    }

    fn version(&mut self) -> Result<(), FileError> {
        match self.byte()? {
            0..=NEWEST => Ok(()),
            version => Err(FileError::new(format!(
                "version {version} of the pickle format is not known"
            ))),
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], FileError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(cut_short)?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, FileError> {
        self.number().map(|[byte]| byte)
    }

    fn number<const SIZE: usize>(&mut self) -> Result<[u8; SIZE], FileError> {
        let (number, rest) = self.rest.split_first_chunk().ok_or_else(cut_short)?;
        self.rest = rest;
        Ok(*number)
    }

    /// A whole number of as many bytes as the first says.
    fn long(&mut self) -> Result<Value<'a>, FileError> {
        let length = self.byte()?;
        let bytes = self.take(length.into())?;
        let mut wide = [if bytes.last().is_some_and(|last| last & 0x80 != 0) {
            0xff
        } else {
            0
        }; 8];
        wide.get_mut(..bytes.len())
            .ok_or_else(not_understood)?
            .copy_from_slice(bytes);
        Ok(Value::Int(i64::from_le_bytes(wide)))
    }

    fn text(&mut self, length: usize) -> Result<Value<'a>, FileError> {
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| not_understood())?;
        Ok(Value::Text(text))
    }

    fn line(&mut self) -> Result<&'a str, FileError> {
        let end = self
            .rest
            .iter()
            .position(|byte| *byte == b'\n')
            .ok_or_else(cut_short)?;
        let line = std::str::from_utf8(self.take(end)?).map_err(|_| not_understood())?;
        self.take(1)?;
        Ok(line)
    }

    fn pop(&mut self) -> Result<Value<'a>, FileError> {
        let first = self.above(1)?;
        Ok(self.stack.split_off(first)[0])
    }

    /// The place in the stack of the first of the last `n` values, none of which lies below a mark.
    fn above(&self, n: usize) -> Result<usize, FileError> {
        let lowest = self.marks.last().copied().unwrap_or(0);
        self.stack
            .len()
            .checked_sub(n)
            .filter(|first| *first >= lowest)
            .ok_or_else(not_understood)
    }

    /// Takes the last mark away, and returns the place of the first value above it.
    fn mark(&mut self) -> Result<usize, FileError> {
        self.marks.pop().ok_or_else(not_understood)
    }

    fn top(&self) -> Result<Value<'a>, FileError> {
        self.above(1).map(|top| self.stack[top])
    }

    fn remember(&mut self, number: u32) -> Result<(), FileError> {
        let top = self.top()?;
        self.memo.insert(number, top);
        Ok(())
    }

    fn recall(&self, number: u32) -> Result<Value<'a>, FileError> {
        self.memo.get(&number).copied().ok_or_else(not_understood)
    }

    fn dict(&mut self) -> Value<'a> {
        self.dicts.push(BTreeMap::new());
        Value::Dict(self.dicts.len() - 1)
    }

    fn tuple(&mut self, first: usize) -> Value<'a> {
        self.tuples.push(self.stack.split_off(first));
        Value::Tuple(self.tuples.len() - 1)
    }

    /// Puts the values from `first` on, by turns a key and what stands under it, into the
    /// dictionary before them.
    fn set(&mut self, first: usize) -> Result<(), FileError> {
        let items = self.stack.split_off(first);
        let Value::Dict(dict) = self.top()? else {
            return Err(not_understood());
        };
        let (pairs, []) = items.as_chunks() else {
            return Err(not_understood());
        };
        for &[key, value] in pairs {
            let Value::Text(key) = key else {
                return Err(FileError::new(format!(
                    "a name in a dictionary must be a text, and one is {}",
                    key.kind()
                ))
                .hint(ADVICE));
            };
            self.dicts[dict].insert(key, value);
        }
        Ok(())
    }

    /// Nobody asks what a list holds.
    fn append(&mut self, first: usize) -> Result<(), FileError> {
        self.stack.truncate(first);
        match self.top()? {
            Value::List => Ok(()),
            _ => Err(not_understood()),
        }
    }

    /// Gives a dictionary attributes, as PyTorch does with the versions of a model's layers. They
    /// say nothing of the tensors.
    fn build(&mut self) -> Result<(), FileError> {
        match (self.pop()?, self.top()?) {
            (Value::Dict(_), Value::Dict(_)) => Ok(()),
            _ => Err(not_understood()),
        }
    }

    fn call(&mut self) -> Result<Value<'a>, FileError> {
        let (arguments, function) = (self.pop()?, self.pop()?);
        let (Value::Tuple(arguments), Value::Function(function)) = (arguments, function) else {
            return Err(not_understood());
        };
        match (function, self.tuples[arguments].as_slice()) {
            (Function::OrderedDict, []) => Ok(self.dict()),
            (Function::Parameter, &[tensor @ Value::Tensor(_), ..]) => Ok(tensor),
            (
                Function::Tensor,
                &[
                    Value::Storage(storage),
                    Value::Int(offset),
                    Value::Tuple(sizes),
                    Value::Tuple(strides),
                    ..,
                ],
            ) => {
                let offset = usize::try_from(offset).map_err(|_| not_understood())?;
                let (sizes, strides) = (self.counts(sizes)?, self.counts(strides)?);
                self.tensors.push(Layout {
                    storage,
                    offset,
                    sizes,
                    strides,
                });
                Ok(Value::Tensor(self.tensors.len() - 1))
            }
            _ => Err(not_understood()),
        }
    }

    /// The sizes or strides of a tensor, no more of them than a tensor has axes: many tensors may
    /// share one long tuple.
    fn counts(&self, tuple: usize) -> Result<Vec<usize>, FileError> {
        let tuple = &self.tuples[tuple];
        if tuple.len() > MAX_RANK {
            return Err(FileError::new(format!(
                "a tensor has {} axes, and at most {MAX_RANK} are read",
                tuple.len()
            )));
        }
        let count = |value: &Value<'_>| match *value {
            Value::Int(number) => usize::try_from(number).map_err(|_| not_understood()),
            _ => Err(not_understood()),
        };
        tuple.iter().map(count).collect()
    }

    /// A storage: `("storage", type, key, device, length)`. On whatever device its numbers were,
    /// they are in the file.
    fn persistent(&mut self) -> Result<Value<'a>, FileError> {
        let Value::Tuple(tuple) = self.pop()? else {
            return Err(not_understood());
        };
        match *self.tuples[tuple].as_slice() {
            [
                Value::Text("storage"),
                Value::StorageType(dtype),
                Value::Text(key),
                Value::Text(_),
                Value::Int(length),
            ] => {
                let length = usize::try_from(length).map_err(|_| not_understood())?;
                Ok(Value::Storage(Storage { dtype, key, length }))
            }
            _ => Err(not_understood()),
        }
    }
}

/// Returns what a file means by the name of a function or a class.
fn named<'a>(module: &str, name: &str) -> Result<Value<'a>, FileError> {
    let of_storage = |dtype| Ok(Value::StorageType(dtype));
    match (module, name) {
        ("collections", "OrderedDict") => Ok(Value::Function(Function::OrderedDict)),
        ("torch._utils", "_rebuild_tensor_v2") => Ok(Value::Function(Function::Tensor)),
        ("torch._utils", "_rebuild_parameter") => Ok(Value::Function(Function::Parameter)),
        ("torch", "DoubleStorage") => of_storage(Dtype::F64),
        ("torch", "FloatStorage") => of_storage(Dtype::F32),
        ("torch", "HalfStorage") => of_storage(Dtype::F16),
        ("torch", "BFloat16Storage") => of_storage(Dtype::Bf16),
        ("torch", "LongStorage") => of_storage(Dtype::I64),
        ("torch", "IntStorage") => of_storage(Dtype::I32),
        ("torch", "ShortStorage") => of_storage(Dtype::I16),
        ("torch", "CharStorage") => of_storage(Dtype::I8),
        ("torch", "ByteStorage") => of_storage(Dtype::U8),
        ("torch", "BoolStorage") => of_storage(Dtype::Bool),
        ("torch", storage) if storage.ends_with("Storage") => {
            let error = FileError::new(format!("a tensor with a {} is not read", quoted(storage)));
            Err(error.hint("save it as numbers, with `tensor.double()`"))
        }
        _ => {
            let name = quoted(&format!("{module}.{name}"));
            Err(FileError::new(format!(
                "the file asks Python for {name}, which nothing here will do"
            ))
            .hint(ADVICE))
        }
    }
}

fn refused(opcode: u8) -> FileError {
    let name = match opcode {
        b'i' => "INST",
        b'o' => "OBJ",
        0x81 => "NEWOBJ",
        0x92 => "NEWOBJ_EX",
        0x82..=0x84 => "EXT",
        b'P' => "PERSID",
        b'0' => "POP",
        b'1' => "POP_MARK",
        b'2' => "DUP",
        b'B' | b'C' | 0x8e => "BINBYTES",
        0x96..=0x98 => "BUFFER",
        0x8f..=0x91 => "SET",
        0x8b => "LONG4",
        0x8d => "BINUNICODE8",
        other => {
            return FileError::new(format!(
                "the pickle has the byte {other:#04x} where an instruction should be"
            ))
            .hint(ADVICE);
        }
    };
    FileError::new(format!(
        "the pickle has the instruction `{name}`, which tensors by their names do not need"
    ))
    .hint(ADVICE)
}

fn not_understood() -> FileError {
    FileError::new("the pickle cannot be understood: its instructions do not fit together")
        .hint(ADVICE)
}

fn cut_short() -> FileError {
    FileError::new("the pickle is cut short")
}
