//! The stack machine that a pickle is a program for, with the few instructions that are obeyed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::Error;
use super::super::dtype::Dtype;
use super::layout::{Layout, Storage};
use crate::tensor::MAX_RANK;

/// The newest version of the pickle format.
const NEWEST: u8 = 5;

/// A value on the stack. What is larger than a word lies in the machine and is meant by its number.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    Float,
    Text(usize),
    Tuple(usize),
    List(usize),
    Dict(usize),
    Function(Function),
    StorageType(Dtype),
    /// What of PyTorch's makes tensors of other kinds, by its name, or what was made with it. It is
    /// never called, and only who asks for such a tensor hears of it.
    Foreign(usize),
    Storage(usize),
    Tensor(usize),
}

/// The functions that a file may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    /// An empty dictionary that keeps its order.
    OrderedDict,
    /// A tensor from its storage, offset, sizes and strides.
    Tensor,
    /// A parameter from its tensor.
    Parameter,
}

impl Value {
    /// What the value is, in a message.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::None => "`None`",
            Self::Bool(_) => "a truth value",
            Self::Int(_) | Self::Float => "a number",
            Self::Text(_) => "a text",
            Self::Tuple(_) => "a tuple",
            Self::List(_) => "a list",
            Self::Dict(_) => "a dictionary",
            Self::Function(_) | Self::StorageType(_) | Self::Foreign(_) => "a function or class",
            Self::Storage(_) => "a storage",
            Self::Tensor(_) => "a tensor without a name",
        }
    }
}

/// A pickle's machine.
#[derive(Default)]
pub(super) struct Machine<'a> {
    pub(super) rest: &'a [u8],
    stack: Vec<Value>,
    /// How many values the stack held at each mark that is still open.
    marks: Vec<usize>,
    memo: BTreeMap<u32, Value>,
    pub(super) texts: Vec<Arc<str>>,
    tuples: Vec<Vec<Value>>,
    pub(super) lists: Vec<Vec<Value>>,
    pub(super) dicts: Vec<BTreeMap<Arc<str>, Value>>,
    pub(super) storages: Vec<Storage>,
    pub(super) has_foreign_storages: bool,
    pub(super) tensors: Vec<Layout>,
}

impl<'a> Machine<'a> {
    /// A machine that has some pickles before it.
    pub(super) fn new(pickles: &'a [u8]) -> Self {
        Self {
            rest: pickles,
            ..Self::default()
        }
    }

    /// Obeys the instructions up to the last, and returns the value that is left.
    pub(super) fn run(&mut self) -> Result<Value, Error> {
        loop {
            let opcode = self.byte()?;
            if opcode == b'.' {
                return self.pop();
            }
            self.obey(opcode)?;
        }
    }

    fn obey(&mut self, opcode: u8) -> Result<(), Error> {
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
            0x88 | 0x89 => Value::Bool(opcode == 0x88),
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
            b']' => self.list(),
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
                self.named(module, name)?
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (Value::Text(module), Value::Text(name)) = (module, name) else {
                    return Err(Error::PickleNonsense);
                };
                let [module, name] = [module, name].map(|text| Arc::clone(&self.texts[text]));
                self.named(&module, &name)?
            }
            b'R' => self.call()?,
            b'Q' => self.persistent()?,
            other => return Err(refused(other)),
        };
        self.stack.push(value);
        Ok(())
    }

    fn version(&mut self) -> Result<(), Error> {
        match self.byte()? {
            0..=NEWEST => Ok(()),
            version => Err(Error::PickleVersion(version)),
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(Error::PickleCutShort)?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Error> {
        self.number().map(|[byte]| byte)
    }

    fn number<const SIZE: usize>(&mut self) -> Result<[u8; SIZE], Error> {
        let (number, rest) = self.rest.split_first_chunk().ok_or(Error::PickleCutShort)?;
        self.rest = rest;
        Ok(*number)
    }

    /// A whole number of as many bytes as the first says.
    fn long(&mut self) -> Result<Value, Error> {
        let length = self.byte()?;
        let bytes = self.take(length.into())?;
        let mut wide = [if bytes.last().is_some_and(|last| last & 0x80 != 0) {
            0xff
        } else {
            0
        }; 8];
        wide.get_mut(..bytes.len())
            .ok_or(Error::PickleNonsense)?
            .copy_from_slice(bytes);
        Ok(Value::Int(i64::from_le_bytes(wide)))
    }

    fn text(&mut self, length: usize) -> Result<Value, Error> {
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| Error::PickleNonsense)?;
        self.texts.push(text.into());
        Ok(Value::Text(self.texts.len() - 1))
    }

    fn line(&mut self) -> Result<&'a str, Error> {
        let end = self
            .rest
            .iter()
            .position(|byte| *byte == b'\n')
            .ok_or(Error::PickleCutShort)?;
        let line = std::str::from_utf8(self.take(end)?).map_err(|_| Error::PickleNonsense)?;
        self.take(1)?;
        Ok(line)
    }

    fn pop(&mut self) -> Result<Value, Error> {
        let first = self.above(1)?;
        Ok(self.stack.split_off(first)[0])
    }

    /// The place in the stack of the first of the last `n` values, none of which lies below a mark.
    fn above(&self, n: usize) -> Result<usize, Error> {
        let lowest = self.marks.last().copied().unwrap_or(0);
        self.stack
            .len()
            .checked_sub(n)
            .filter(|first| *first >= lowest)
            .ok_or(Error::PickleNonsense)
    }

    /// Takes the last mark away, and returns the place of the first value above it.
    fn mark(&mut self) -> Result<usize, Error> {
        self.marks.pop().ok_or(Error::PickleNonsense)
    }

    fn top(&self) -> Result<Value, Error> {
        self.above(1).map(|top| self.stack[top])
    }

    fn remember(&mut self, number: u32) -> Result<(), Error> {
        let top = self.top()?;
        self.memo.insert(number, top);
        Ok(())
    }

    fn recall(&self, number: u32) -> Result<Value, Error> {
        self.memo.get(&number).copied().ok_or(Error::PickleNonsense)
    }

    fn dict(&mut self) -> Value {
        self.dicts.push(BTreeMap::new());
        Value::Dict(self.dicts.len() - 1)
    }

    fn list(&mut self) -> Value {
        self.lists.push(Vec::new());
        Value::List(self.lists.len() - 1)
    }

    fn tuple(&mut self, first: usize) -> Value {
        self.tuples.push(self.stack.split_off(first));
        Value::Tuple(self.tuples.len() - 1)
    }

    /// Puts the values from `first` on, by turns a key and what stands under it, into the
    /// dictionary before them.
    fn set(&mut self, first: usize) -> Result<(), Error> {
        let items = self.stack.split_off(first);
        let Value::Dict(dict) = self.top()? else {
            return Err(Error::PickleNonsense);
        };
        let (pairs, []) = items.as_chunks() else {
            return Err(Error::PickleNonsense);
        };
        for &[key, value] in pairs {
            // Nobody asks for what has another name.
            let name = match key {
                Value::Text(key) => Arc::clone(&self.texts[key]),
                Value::Int(number) => number.to_string().into(),
                _ => continue,
            };
            self.dicts[dict].insert(name, value);
        }
        Ok(())
    }

    fn append(&mut self, first: usize) -> Result<(), Error> {
        let items = self.stack.split_off(first);
        let Value::List(list) = self.top()? else {
            return Err(Error::PickleNonsense);
        };
        self.lists[list].extend(items);
        Ok(())
    }

    /// Gives a dictionary attributes, as PyTorch does with the versions of a model's layers. They
    /// say nothing of the tensors.
    fn build(&mut self) -> Result<(), Error> {
        match (self.pop()?, self.top()?) {
            (Value::Dict(_), Value::Dict(_)) | (_, Value::Foreign(_)) => Ok(()),
            _ => Err(Error::PickleNonsense),
        }
    }

    fn call(&mut self) -> Result<Value, Error> {
        let (arguments, function) = (self.pop()?, self.pop()?);
        let (arguments, function) = match (arguments, function) {
            (Value::Tuple(_), Value::Foreign(_)) => return Ok(function),
            (Value::Tuple(arguments), Value::Function(function)) => (arguments, function),
            _ => return Err(Error::PickleNonsense),
        };
        match (function, self.tuples[arguments].as_slice()) {
            (_, &[foreign @ Value::Foreign(_), ..]) => Ok(foreign),
            (Function::OrderedDict, []) => Ok(self.dict()),
            (Function::Parameter, &[tensor @ Value::Tensor(_), ..]) => Ok(tensor),
            (
                Function::Tensor,
                &[
                    Value::Storage(storage),
                    Value::Int(offset),
                    Value::Tuple(sizes),
                    Value::Tuple(strides),
                    ref more @ ..,
                ],
            ) => {
                // Whether it needs a gradient, its hooks, and what is to be done to its numbers.
                let bits = more.get(2);
                let is_negated = bits.is_some_and(|bits| self.is_set(*bits, "neg"));
                let offset = usize::try_from(offset).map_err(|_| Error::PickleNonsense)?;
                let (sizes, strides) = (self.counts(sizes)?, self.counts(strides)?);
                self.tensors.push(Layout {
                    storage: self.storages[storage].clone(),
                    offset,
                    sizes,
                    strides,
                    is_negated,
                });
                Ok(Value::Tensor(self.tensors.len() - 1))
            }
            _ => Err(Error::PickleNonsense),
        }
    }

    fn named(&mut self, module: &str, name: &str) -> Result<Value, Error> {
        let full = || format!("{module}.{name}");
        match known(module, name) {
            Some(known) => Ok(known),
            None if MODULES_OF_TENSORS.contains(&module) => {
                self.texts.push(full().into());
                Ok(Value::Foreign(self.texts.len() - 1))
            }
            None => Err(Error::Call(full())),
        }
    }

    /// Whether a dictionary has `True` under a name.
    fn is_set(&self, bits: Value, name: &str) -> bool {
        match bits {
            Value::Dict(bits) => matches!(self.dicts[bits].get(name), Some(Value::Bool(true))),
            _ => false,
        }
    }

    /// The sizes or strides of a tensor, no more of them than a tensor has axes: many tensors may
    /// share one long tuple.
    fn counts(&self, tuple: usize) -> Result<Vec<usize>, Error> {
        let tuple = &self.tuples[tuple];
        if tuple.len() > MAX_RANK {
            return Err(Error::TooManyAxes(tuple.len()));
        }
        let count = |value: &Value| match *value {
            Value::Int(number) => usize::try_from(number).map_err(|_| Error::PickleNonsense),
            _ => Err(Error::PickleNonsense),
        };
        tuple.iter().map(count).collect()
    }

    /// A storage: `("storage", type, key, device, length)`, and before PyTorch 1.6 `None` behind
    /// them. On whatever device its numbers were, they are in the file.
    fn persistent(&mut self) -> Result<Value, Error> {
        let Value::Tuple(tuple) = self.pop()? else {
            return Err(Error::PickleNonsense);
        };
        match *self.tuples[tuple].as_slice() {
            [Value::Text(_), foreign @ Value::Foreign(_), ..] => {
                self.has_foreign_storages = true;
                Ok(foreign)
            }
            [
                Value::Text(tag),
                Value::StorageType(dtype),
                Value::Text(key),
                Value::Text(_),
                Value::Int(length),
                ref more @ ..,
            ] if &*self.texts[tag] == "storage" && matches!(more, [] | [Value::None]) => {
                self.storages.push(Storage {
                    dtype,
                    key: Arc::clone(&self.texts[key]),
                    length: usize::try_from(length).map_err(|_| Error::PickleNonsense)?,
                });
                Ok(Value::Storage(self.storages.len() - 1))
            }
            _ => Err(Error::PickleNonsense),
        }
    }
}

/// Returns what a file means by the name of a function or a class, where tensors by their names
/// need it.
fn known(module: &str, name: &str) -> Option<Value> {
    Some(match (module, name) {
        ("collections", "OrderedDict") => Value::Function(Function::OrderedDict),
        ("torch._utils", "_rebuild_tensor_v2") => Value::Function(Function::Tensor),
        ("torch._utils", "_rebuild_parameter") => Value::Function(Function::Parameter),
        ("torch", "DoubleStorage") => Value::StorageType(Dtype::F64),
        ("torch", "FloatStorage") => Value::StorageType(Dtype::F32),
        ("torch", "HalfStorage") => Value::StorageType(Dtype::F16),
        ("torch", "BFloat16Storage") => Value::StorageType(Dtype::Bf16),
        ("torch", "LongStorage") => Value::StorageType(Dtype::I64),
        ("torch", "IntStorage") => Value::StorageType(Dtype::I32),
        ("torch", "ShortStorage") => Value::StorageType(Dtype::I16),
        ("torch", "CharStorage") => Value::StorageType(Dtype::I8),
        ("torch", "ByteStorage") => Value::StorageType(Dtype::U8),
        ("torch", "BoolStorage") => Value::StorageType(Dtype::Bool),
        _ => return None,
    })
}

/// Where PyTorch has what makes tensors of other kinds: complex, sparse, quantized.
const MODULES_OF_TENSORS: [&str; 4] = [
    "torch",
    "torch._utils",
    "torch.storage",
    "torch.serialization",
];

fn refused(opcode: u8) -> Error {
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
        other => return Error::NoInstruction(other),
    };
    Error::Instruction(name)
}
