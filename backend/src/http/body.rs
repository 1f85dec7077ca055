//! Bodies and lists of the administration: read from JSON with a problem document for an answer,
//! written with a cookie where one belongs, cut into pages.

use axum::Json;
use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::refusal::Refusal;
use domain::wire::account::Page;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// Most on one page.
const MAX_PAGE: usize = 500;
/// On a page, if not asked otherwise.
const PAGE: usize = 100;

/// What every list takes.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Listing {
    /// Part of an id or a name.
    pub q: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many.
    pub limit: Option<usize>,
}

impl Listing {
    /// Whether any of these texts holds what is searched for, whatever the case.
    pub fn finds(&self, texts: &[&str]) -> bool {
        let wanted = self.q.as_deref().map(str::trim).unwrap_or_default();
        let wanted = wanted.to_lowercase();
        texts
            .iter()
            .any(|text| text.to_lowercase().contains(&wanted))
    }

    /// The page that follows the cursor, of items in the order of their keys.
    pub fn page<I, T>(
        &self,
        items: I,
        key: impl Fn(&I::Item) -> String,
        view: impl Fn(I::Item) -> T,
    ) -> Page<T>
    where
        I: Iterator,
    {
        let limit = self.limit.unwrap_or(PAGE).clamp(1, MAX_PAGE);
        let after = self.cursor.as_deref().unwrap_or_default();
        let mut rest = items.skip_while(|item| !after.is_empty() && key(item).as_str() <= after);
        let mut last = None;
        let mut page = Vec::new();
        for item in rest.by_ref().take(limit) {
            last = Some(key(&item));
            page.push(view(item));
        }
        Page {
            next: last.filter(|_| rest.next().is_some()),
            items: page,
        }
    }
}

/// Reads a body.
///
/// # Errors
/// 400 `malformed` or `wrong_fields`, with the place.
pub(super) fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    let value: serde_json::Value =
        serde_json::from_slice(body).map_err(|error| crate::intake::malformed(&error))?;
    serde_json::from_value(value).map_err(|error| {
        Refusal::field(
            "/",
            "wrong_fields",
            format!("内容与此项操作不符：{error}"),
            format!("The body does not fit: {error}"),
        )
        .into()
    })
}

/// An answer in JSON that no cache keeps, with a cookie if there is one to set.
pub(super) fn answer<T: Serialize>(
    status: StatusCode,
    body: &T,
    cookie: Option<HeaderValue>,
) -> Response {
    let mut response = (status, Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(cookie) = cookie {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_gap_or_repeat() {
        let all = ["a", "b", "c", "d", "e"];
        let mut listing = Listing {
            limit: Some(2),
            ..Listing::default()
        };
        let mut seen = Vec::new();
        for _ in 0..3 {
            let page = listing.page(all.iter(), |text| (**text).to_owned(), |text| *text);
            seen.extend(page.items);
            listing.cursor = page.next;
        }
        assert_eq!(seen, all);
        assert_eq!(listing.cursor, None);
    }

    #[test]
    fn a_search_minds_no_case() {
        let listing = Listing {
            q: Some(" ZHANG".to_owned()),
            ..Listing::default()
        };
        assert!(listing.finds(&["李", "zhangwei"]));
        assert!(!listing.finds(&["李"]));
        assert!(Listing::default().finds(&["x"]));
    }
}
