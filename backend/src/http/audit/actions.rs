//! What a request does, by a name that stays: `incident.dispatch`, `sign_in`, `wall.pair`.

use axum::http::Method;
use domain::incident::command::Command;

/// What every path of the API begins with.
const API: &str = "/api/v1";

/// Method, route and name of what changes something.
const NAMES: [(&str, &str, &str); 47] = [
    ("POST", "/reports", "report.post"),
    ("POST", "/sessions", "session.open"),
    ("POST", "/units/{id}/status", "unit.status"),
    ("POST", "/mode", "mode.switch"),
    ("POST", "/alarms/acknowledge", "alarm.acknowledge"),
    ("POST", "/walls/{id}/show", "wall.show"),
    ("POST", "/attachments", "attachment.add"),
    ("POST", "/receipts", "report.open"),
    ("POST", "/receipts/attachments", "attachment.add"),
    ("POST", "/receipts/{secret}/commands", "receipt.command"),
    ("POST", "/notices/read", "notice.read_all"),
    ("POST", "/notices/{key}/read", "notice.read"),
    ("POST", "/notices/{key}/acknowledge", "notice.acknowledge"),
    ("POST", "/deliveries/receipts/{secret}", "receipt.post"),
    ("PUT", "/me/notices", "me.notices"),
    ("POST", "/me/push", "me.push_subscribe"),
    ("DELETE", "/me/push/{id}", "me.push_unsubscribe"),
    ("POST", "/sign-in", "sign_in"),
    ("GET", "/sign-in/{provider}/back", "sign_in"),
    ("GET", "/enter/{slip}", "sign_in"),
    ("POST", "/sign-out", "sign_out"),
    ("POST", "/welcome", "person.welcome"),
    ("POST", "/me/post", "me.switch_post"),
    ("POST", "/me/password", "me.password"),
    ("POST", "/me/totp", "me.totp_offer"),
    ("POST", "/me/totp/confirm", "me.totp_confirm"),
    ("DELETE", "/me/totp", "me.totp_stop"),
    ("DELETE", "/me/sign-ins/{id}", "sign_in.end"),
    ("DELETE", "/sign-ins/{id}", "sign_in.end"),
    ("POST", "/people", "person.add"),
    ("POST", "/people/import", "person.import"),
    ("PATCH", "/people/{id}", "person.change"),
    ("POST", "/people/{id}/invite", "person.invite"),
    ("POST", "/people/{id}/disable", "person.disable"),
    ("POST", "/people/{id}/enable", "person.enable"),
    ("DELETE", "/people/{id}/totp", "person.stop_totp"),
    ("POST", "/people/{id}/grants", "grant.add"),
    ("DELETE", "/people/{id}/grants/{grant}", "grant.revoke"),
    ("POST", "/tokens", "token.create"),
    ("POST", "/tokens/{id}/rotate", "token.rotate"),
    ("DELETE", "/tokens/{id}", "token.revoke"),
    ("POST", "/walls", "wall.pair"),
    ("PATCH", "/walls/{id}", "wall.change"),
    ("DELETE", "/walls/{id}", "wall.revoke"),
    ("POST", "/walls/claim", "wall.claim"),
    ("GET", "/audit", "audit.search"),
    ("GET", "/layers/{name}", "layer.view"),
];

/// The name of what `method` does on `route`; routes without a name are called by their words.
pub(super) fn name(method: &Method, route: &str, path: &str) -> String {
    let route = route.strip_prefix(API).unwrap_or(route);
    if route == "/incidents/{id}/{command}" {
        let asked = path.rsplit('/').next().unwrap_or_default();
        let known = Command::NAMES.iter().find(|name| **name == asked);
        return format!("incident.{}", known.unwrap_or(&"unknown"));
    }
    if route == "/sessions/{id}/{command}" {
        let asked = path.rsplit('/').next().unwrap_or_default();
        let mut known = domain::session::command::Command::NAMES.iter();
        let known = known.find(|name| **name == asked);
        return format!("session.{}", known.unwrap_or(&"unknown"));
    }
    let named = NAMES
        .iter()
        .find(|(by, at, _)| *by == method.as_str() && *at == route);
    named.map_or_else(
        || in_words(method, route),
        |(_, _, name)| (*name).to_owned(),
    )
}

fn in_words(method: &Method, route: &str) -> String {
    let verb = match *method {
        Method::GET | Method::HEAD => "read",
        Method::POST => "post",
        Method::PATCH => "change",
        Method::PUT => "put",
        Method::DELETE => "delete",
        _ => "other",
    };
    let words = route
        .split('/')
        .filter(|word| !word.is_empty() && !word.starts_with('{'));
    words
        .chain([verb])
        .collect::<Vec<_>>()
        .join(".")
        .replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_has_a_name_that_stays() {
        let of = |method: Method, route: &str, path: &str| name(&method, route, path);
        let command = "/api/v1/incidents/{id}/{command}";
        assert_eq!(
            of(Method::POST, command, "/api/v1/incidents/1/dispatch"),
            "incident.dispatch"
        );
        assert_eq!(
            of(Method::POST, command, "/api/v1/incidents/1/<script>"),
            "incident.unknown"
        );
        assert_eq!(of(Method::POST, "/api/v1/sign-in", ""), "sign_in");
        assert_eq!(
            of(Method::PATCH, "/api/v1/people/{id}", ""),
            "person.change"
        );
        assert_eq!(
            of(Method::GET, "/api/v1/me/sign-ins", ""),
            "me.sign_ins.read"
        );
        assert_eq!(of(Method::POST, "", "/api/v1/none"), "post");
    }
}
