//! A record's change as rows, and records as a table to take away. Pure.

use std::collections::BTreeMap;

use domain::wire::account::AuditView;
use serde_json::Value;

use crate::i18n::format;

/// One field that changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Its place, such as `posts.0.role`.
    pub field: String,
    /// What it was; empty when it was not there.
    pub before: String,
    /// What it became; empty when it is gone.
    pub after: String,
}

/// What differs between two states, field by field.
pub fn changes(before: Option<&Value>, after: Option<&Value>) -> Vec<Change> {
    let flat = |value: Option<&Value>| {
        let mut out = BTreeMap::new();
        if let Some(value) = value {
            flatten(String::new(), value, &mut out);
        }
        out
    };
    let (before, after) = (flat(before), flat(after));
    let fields: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let text = |side: &BTreeMap<String, String>, field: &String| {
        side.get(field).cloned().unwrap_or_default()
    };
    fields
        .into_iter()
        .filter(|field| before.get(*field) != after.get(*field))
        .map(|field| Change {
            field: field.clone(),
            before: text(&before, field),
            after: text(&after, field),
        })
        .collect()
}

fn flatten(at: String, value: &Value, out: &mut BTreeMap<String, String>) {
    let below = |name: &str| {
        if at.is_empty() {
            name.to_owned()
        } else {
            format!("{at}.{name}")
        }
    };
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                flatten(below(name), value, out);
            }
        }
        Value::Array(items) => {
            for (n, value) in items.iter().enumerate() {
                flatten(below(&n.to_string()), value, out);
            }
        }
        Value::Null => {}
        Value::String(text) => drop(out.insert(at, text.clone())),
        other => drop(out.insert(at, other.to_string())),
    }
}

/// Records as rows with a head.
pub fn table(records: &[AuditView]) -> Vec<Vec<String>> {
    const HEAD: [&str; 13] = [
        "seq",
        "at",
        "who",
        "role",
        "on_behalf_of",
        "from",
        "action",
        "target",
        "region",
        "purpose",
        "outcome",
        "change",
        "hash",
    ];
    let head = HEAD.map(str::to_owned).to_vec();
    std::iter::once(head)
        .chain(records.iter().map(row))
        .collect()
}

fn row(record: &AuditView) -> Vec<String> {
    let opt = |text: &Option<String>| text.clone().unwrap_or_default();
    let at = record.at.millis();
    let change: Vec<String> = changes(record.before.as_ref(), record.after.as_ref())
        .into_iter()
        .map(|change| format!("{}: {} → {}", change.field, change.before, change.after))
        .collect();
    vec![
        record.seq.to_string(),
        format!("{}{}", format::stamp(at), &format::time(at)[5..]),
        record.who.clone(),
        record
            .role
            .map(crate::panels::admin::choose::role_code)
            .unwrap_or_default(),
        opt(&record.on_behalf_of),
        record.from.clone(),
        record.action.clone(),
        opt(&record.target),
        record
            .region
            .map(|region| region.to_string())
            .unwrap_or_default(),
        opt(&record.purpose),
        record.outcome.clone(),
        change.join("; "),
        record.hash.clone(),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let before = json!({"name": "王", "posts": [{"role": "grid"}], "same": 1});
        let after =
            json!({"name": "王", "posts": [{"role": "village"}, {"role": "grid"}], "same": 1});
        let told = changes(Some(&before), Some(&after));
        let fields: Vec<&str> = told.iter().map(|change| change.field.as_str()).collect();
        assert_eq!(fields, ["posts.0.role", "posts.1.role"]);
        assert_eq!(
            (told[0].before.as_str(), told[0].after.as_str()),
            ("grid", "village")
        );
        assert_eq!(told[1].before, "");
        assert!(changes(None, None).is_empty());
    }
}
