//! The one place where a refusal or a failure becomes an HTTP answer: an RFC 9457 problem
//! document in the caller's language.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::refusal::{Class, Refusal};
use serde_json::{Value, json};

use crate::log::LogError;

/// The language of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Language {
    /// Chinese, unless asked otherwise.
    #[default]
    Zh,
    /// English.
    En,
}

impl Language {
    /// What `Accept-Language` asks for first; Chinese when it asks for neither.
    pub fn of(headers: &HeaderMap) -> Self {
        let asked = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let Some(asked) = asked else { return Self::Zh };
        let place = |tag: &str| asked.to_ascii_lowercase().find(tag).unwrap_or(usize::MAX);
        if place("en") < place("zh") {
            Self::En
        } else {
            Self::Zh
        }
    }
}

/// A failure on its way out.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// Everything that is wrong; never empty.
    pub refusals: Vec<Refusal>,
    /// When trying again makes sense, in seconds.
    pub retry_after_secs: Option<u64>,
    /// The language to say it in.
    pub language: Language,
}

impl Problem {
    /// A problem of one sentence.
    pub fn new(status: StatusCode, code: &str, zh: &str, en: &str) -> Self {
        Self {
            status,
            refusals: vec![Refusal::new(Class::Invalid, code, zh, en)],
            retry_after_secs: None,
            language: Language::Zh,
        }
    }

    /// Nobody is signed in.
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "请先登录，或在 Authorization 中提供有效令牌",
            "Sign in, or send a valid token in Authorization",
        )
    }

    /// Signed in, but not for this.
    pub fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "您无权查看或操作此范围",
            "This is outside what you may see or do",
        )
    }

    /// A region that is not the caller's.
    pub fn outside_scope() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "outside_scope",
            "此区域不在您的管辖范围内",
            "This region lies outside what you may see",
        )
    }

    /// There is no such thing, or not for this caller.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "没有找到",
            "There is no such thing",
        )
    }

    /// The log is away.
    pub fn unavailable(retry_after_secs: u64) -> Self {
        Self {
            retry_after_secs: Some(retry_after_secs),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "log_unavailable",
                "数据日志暂不可用，内容未受理，请稍后原样重发",
                "The log is away; nothing was taken in. Send the same again later",
            )
        }
    }

    /// The same in another language.
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// The document.
    pub fn document(&self) -> Value {
        let sentence = |refusal: &Refusal| match self.language {
            Language::Zh => refusal.zh.clone(),
            Language::En => refusal.en.clone(),
        };
        let Some(first) = self.refusals.first() else {
            return json!({});
        };
        let mut document = json!({
            "type": format!("urn:gridlamp:problem:{}", first.code),
            "title": self.status.canonical_reason().unwrap_or("Problem"),
            "status": self.status.as_u16(),
            "code": first.code,
            "detail": sentence(first),
        });
        if let Some(pointer) = &first.pointer {
            document["pointer"] = json!(pointer);
        }
        if self.refusals.len() > 1 || first.pointer.is_some() {
            document["errors"] = self
                .refusals
                .iter()
                .map(|r| json!({"pointer": r.pointer, "code": r.code, "detail": sentence(r)}))
                .collect();
        }
        document
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::from(vec![refusal])
    }
}

impl From<Vec<Refusal>> for Problem {
    fn from(refusals: Vec<Refusal>) -> Self {
        let first = refusals.first();
        let status = match first.map(|refusal| (refusal.class, refusal.code.as_str())) {
            Some((_, "conflict")) => StatusCode::CONFLICT,
            Some((_, "unknown_code" | "weak_password") | (Class::Refused, _)) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Some((Class::Forbidden, _)) => StatusCode::FORBIDDEN,
            Some((Class::NotFound, _)) => StatusCode::NOT_FOUND,
            Some((Class::Invalid, _)) | None => StatusCode::BAD_REQUEST,
        };
        Self {
            status,
            refusals,
            retry_after_secs: None,
            language: Language::Zh,
        }
    }
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Unavailable {
                retry_after_secs, ..
            } => Self::unavailable(retry_after_secs),
            other => {
                tracing::error!(error = %other, "the log failed");
                Self::unavailable(30)
            }
        }
    }
}

/// The code of the problem an answer tells of; stands in its extensions, for the audit.
#[derive(Clone, Debug)]
pub struct Code(pub String);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = self.document().to_string();
        let mut response = (self.status, body).into_response();
        if let Some(first) = self.refusals.first() {
            response.extensions_mut().insert(Code(first.code.clone()));
        }
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json; charset=utf-8"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_secs {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
