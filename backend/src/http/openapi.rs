//! `GET /openapi.json`: the surface, described for machines.

use axum::http::header;
use axum::response::{IntoResponse, Response};

pub(super) async fn get() -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        include_str!("openapi.json"),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use domain::incident::command::Command;

    #[test]
    fn every_command_is_described() {
        let text = include_str!("openapi.json");
        let all: serde_json::Value = serde_json::from_str(text).expect("json");
        let post = &all["paths"]["/incidents/{id}/{command}"]["post"];
        let bodies = &post["requestBody"]["content"]["application/json"]["schema"]["oneOf"];
        let titles = bodies.as_array().expect("bodies").iter();
        let titles: Vec<_> = titles.filter_map(|body| body["title"].as_str()).collect();
        assert_eq!(titles, Command::NAMES);
    }

    #[test]
    fn every_command_of_a_session_is_described() {
        let text = include_str!("openapi.json");
        let all: serde_json::Value = serde_json::from_str(text).expect("json");
        let post = &all["paths"]["/sessions/{id}/{command}"]["post"];
        let bodies = &post["requestBody"]["content"]["application/json"]["schema"]["oneOf"];
        let titles = bodies.as_array().expect("bodies").iter();
        let titles: Vec<_> = titles.filter_map(|body| body["title"].as_str()).collect();
        assert_eq!(titles, domain::session::command::Command::NAMES);
    }
}
