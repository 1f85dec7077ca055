//! What never enters the trail: secrets, and more of a value than anybody reads.

use serde_json::{Value, json};

use super::chain::AuditRecord;

/// The longest value kept, in bytes of JSON.
const MAX_BYTES: usize = 16 * 1024;
/// What is kept of a longer one, in characters.
const BEGINNING: usize = 2_000;
/// The longest plain text kept, in characters.
const MAX_TEXT: usize = 500;
/// Parts of names whose values are never kept.
const SECRET: [&str; 7] = [
    "password", "secret", "token", "hash", "slip", "totp", "cookie",
];
/// Whole names whose values are never kept: a wall's code lets a screen in, and `previous` holds the
/// hash of a token before.
const SECRET_NAMES: [&str; 2] = ["code", "previous"];
/// What stands in the place of a secret.
const MASK: &str = "•••";

/// A record as it may be kept: without secrets, each part of a bounded length.
pub(super) fn fit(record: AuditRecord) -> AuditRecord {
    AuditRecord {
        who: short(record.who),
        on_behalf_of: record.on_behalf_of.map(short),
        from: short(record.from),
        action: short(record.action),
        target: record.target.map(short),
        purpose: record.purpose.map(short),
        outcome: short(record.outcome),
        before: record.before.map(clean),
        after: record.after.map(clean),
        ..record
    }
}

fn short(text: String) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// A value as it may be kept.
pub fn clean(value: Value) -> Value {
    let value = without_secrets(value);
    let text = value.to_string();
    if text.len() <= MAX_BYTES {
        return value;
    }
    let beginning: String = text.chars().take(BEGINNING).collect();
    json!({"cut": format!("{} bytes, of which the first are kept", text.len()), "beginning": beginning})
}

fn without_secrets(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| {
                if is_secret(&name) && !value.is_null() {
                    (name, Value::String(MASK.to_owned()))
                } else {
                    (name, without_secrets(value))
                }
            })
            .collect(),
        Value::Array(values) => values.into_iter().map(without_secrets).collect(),
        plain => plain,
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET.iter().any(|part| name.contains(part)) || SECRET_NAMES.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::chain::tests::record;
    use super::*;

    #[test]
    fn no_secret_is_kept_however_deep() {
        let kept = clean(json!({
            "name": "王", "password": "x", "list": [{"new_password_hash": "y", "code": "z"}],
            "totp": null, "Token": ["v"], "previous": ["w", 1], "invite": {"hash": "u"}
        }));
        let text = kept.to_string();
        assert!(text.contains("王"));
        for secret in ["x", "y", "z", "u", "v", "w"] {
            assert!(!text.contains(&format!("{secret:?}")), "{secret}");
        }
    }

    #[test]
    fn a_long_value_is_cut_with_a_note_and_after_its_secrets_are_gone() {
        let long = clean(json!({"a": "灯".repeat(MAX_BYTES), "hash": "x1y2"}));
        assert!(
            long["cut"]
                .as_str()
                .is_some_and(|note| note.contains("bytes"))
        );
        assert!(long.to_string().len() < MAX_BYTES);
        let long = clean(json!({"a_hash": "x1y2", "b": "灯".repeat(MAX_BYTES)}));
        assert!(!long.to_string().contains("x1y2"));
    }

    #[test]
    fn no_text_is_longer_than_anybody_reads() {
        let mut long = record("a");
        long.who = "灯".repeat(MAX_TEXT + 1);
        long.target = Some("灯".repeat(MAX_TEXT));
        let kept = fit(long.clone());
        assert_eq!(kept.who.chars().count(), MAX_TEXT + 1);
        assert!(kept.who.ends_with('…'));
        assert_eq!(kept.target, long.target);
    }
}
