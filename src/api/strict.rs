//! JSON in which no name stands twice: what reads the first and what reads the last would not agree
//! (RFC 8259 section 4, ASVS 15.3.7).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads one document; an error for what is no JSON, and for a name that stands twice in an object.
pub fn from_slice(bytes: &[u8]) -> serde_json::Result<Value> {
    let mut document = serde_json::Deserializer::from_slice(bytes);
    let value = Strict.deserialize(&mut document)?;
    document.end()?;
    Ok(value)
}

/// How the words of that error begin.
pub const TWICE: &str = "stands twice";

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(Strict)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(Strict)?;
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!("{TWICE}: {name}")));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_serde_json_reads() {
        for text in
            ["null", "true", "[1, -2, 3.5, \"x\\u00e9\", {}]", "{\"a\": {\"a\": []}, \"b\": 18446744073709551615}"]
        {
            assert_eq!(
                from_slice(text.as_bytes()).expect("it is read"),
                serde_json::from_str::<Value>(text).expect("it is read"),
                "{text}"
            );
        }
        for text in ["", "{", "[1] 2", "{\"a\": 1,}", "nul"] {
            assert!(from_slice(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_that_stands_twice_is_refused_at_any_depth() {
        for text in ["{\"a\": 1, \"a\": 1}", "[{\"b\": {\"a\": 1, \"\\u0061\": 2}}]"] {
            let error = from_slice(text.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(TWICE), "{error}");
        }
    }
}
