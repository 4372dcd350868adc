//! Settings in JSON.

use serde_json::Value as Json;

use super::json::Raw;
use crate::ops::Value;

/// The longest text of a setting that is read; a list of 32 sizes is far shorter.
const LONGEST: usize = 4096;

/// Returns the value that a text of JSON stands for, or what is wrong with the text.
pub(super) fn read(raw: Raw<'_>) -> Result<Value, &'static str> {
    if raw.get().len() > LONGEST {
        return Err("is too long");
    }
    let read = serde_json::from_str(raw.get()).map(value);
    read.map_err(|_| "holds a number that is too large, or text that is not valid")
}

/// Returns the value that JSON stands for; no setting takes an object or a `null`.
fn value(json: Json) -> Value {
    match json {
        Json::Bool(flag) => Value::Flag(flag),
        Json::Number(number) => {
            let whole = number.as_i64().map(i128::from);
            let whole = whole.or_else(|| number.as_u64().map(i128::from));
            match (whole, number.as_f64()) {
                (Some(whole), _) => Value::Whole(whole),
                (None, Some(number)) => Value::Number(number),
                (None, None) => Value::Other,
            }
        }
        Json::String(name) => Value::Name(name),
        Json::Array(values) => Value::List(values.into_iter().map(value).collect()),
        Json::Null | Json::Object(_) => Value::Other,
    }
}

/// Returns the JSON of a value; a tensor and what no setting takes are `null`.
pub(crate) fn json(value: &Value) -> Json {
    match value {
        Value::Flag(flag) => (*flag).into(),
        Value::Whole(number) => i64::try_from(*number).map_or_else(|_| Json::Null, Json::from),
        Value::Number(number) => (*number).into(),
        Value::Name(name) => name.as_str().into(),
        Value::List(values) => values.iter().map(json).collect(),
        Value::Tensor(_) | Value::Other => Json::Null,
    }
}
