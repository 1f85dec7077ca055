//! A body of reports, cut into its reports and no further: sixteen megabytes of brackets and commas
//! would otherwise unfold to many times that in memory.

use std::fmt;

use serde::de::{Deserializer as _, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// What was sent.
#[derive(Debug)]
pub enum Sent {
    /// One report, or what stands in its place.
    One(Box<RawValue>),
    /// A list.
    Many {
        /// The first of them, as many as were asked for.
        items: Vec<Box<RawValue>>,
        /// How many there are.
        count: usize,
    },
}

/// Cuts `body` into at most `most` reports; the rest are counted.
///
/// # Errors
/// It is not JSON.
pub fn read(body: &[u8], most: usize) -> Result<Sent, serde_json::Error> {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'[') {
        return serde_json::from_slice(body).map(Sent::One);
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let list = reader.deserialize_seq(List { most })?;
    reader.end()?;
    Ok(list)
}

struct List {
    most: usize,
}

impl<'de> Visitor<'de> for List {
    type Value = Sent;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of reports")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Sent, A::Error> {
        let mut items = Vec::new();
        while items.len() < self.most
            && let Some(item) = list.next_element::<Box<RawValue>>()?
        {
            items.push(item);
        }
        let mut count = items.len();
        while list.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(Sent::Many { items, count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_cut_into_its_reports_and_counted() {
        let Sent::Many { items, count } = read(b" [{\"a\":[1,2]}, 7 ,null]", 2).expect("json")
        else {
            panic!("a list")
        };
        let texts: Vec<&str> = items.iter().map(|item| item.get()).collect();
        assert_eq!((texts.as_slice(), count), (&["{\"a\":[1,2]}", "7"][..], 3));
        assert!(matches!(read(b" {\"a\": 1} ", 2), Ok(Sent::One(_))));
        assert!(matches!(read(b"[]", 2), Ok(Sent::Many { count: 0, .. })));
    }

    #[test]
    fn what_is_not_json_is_told() {
        for bad in [
            &b""[..],
            b"[",
            b"[1,]",
            b"[1] 2",
            b"{\"a\":}",
            b"{} {}",
            b"\xff",
            b"[\"\xff\"]",
        ] {
            assert!(read(bad, 10).is_err(), "{bad:?}");
        }
    }
}
