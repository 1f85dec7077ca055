//! What `doctor` says of notices: whether their receivers can be set up at all, and whether each
//! answers. Any answer will do: nothing is sent that somebody would be told of.

use reqwest::Url;

use super::Ways;
use super::guard::{self, Guard};
use crate::config;
use crate::log::{Finding, FindingLevel};

/// Looks at every receiver of a configuration.
pub async fn receivers(settings: &config::Notices, url: &str) -> Vec<Finding> {
    if let Err(error) = Ways::new(settings, url, &[1; 32]) {
        let what = format!("notices can't be sent: {error:#}");
        return vec![finding(
            FindingLevel::Error,
            what,
            "mend this setting: no node starts with it",
        )];
    }
    let mut findings = Vec::new();
    let guard = Guard::new(&settings.allow);
    let Ok(client) = guard.client(settings) else {
        return findings;
    };
    for (name, place) in places(settings) {
        let at = origin(&place);
        let head = client.head(at.clone());
        findings.push(match guard::exchange(head).await {
            Ok(_) => finding(FindingLevel::Ok, format!("{name} answers at {at}"), ""),
            Err(why) => finding(
                FindingLevel::Error,
                format!("{name} does not answer at {at}: {why}"),
                "notices wait and are tried again until it does; look at the address, the firewall and notices.allow",
            ),
        });
    }
    if settings.sms.is_none() {
        let what = "no gateway for short messages is set up".to_owned();
        let remedy = "set [notices.sms] so that red lights reach people who are not at a screen (docs/notices.md)";
        findings.push(finding(FindingLevel::Warning, what, remedy));
    }
    findings
}

fn places(settings: &config::Notices) -> Vec<(String, String)> {
    let address = |sms: &config::Sms| match &sms.aliyun {
        Some(aliyun) => aliyun.endpoint.clone(),
        None => sms.url.clone(),
    };
    let gateways = [
        ("short messages", &settings.sms),
        ("calls", &settings.voice),
    ];
    let gateways = gateways.into_iter().filter_map(|(name, given)| {
        let given = given.as_ref()?;
        Some((format!("the gateway of {name}"), address(given)))
    });
    let hooks = settings.webhook.iter();
    let hooks = hooks.map(|hook| (format!("webhook {}", hook.name), hook.url.clone()));
    gateways.chain(hooks).collect()
}

/// Without path and query: they may hold a secret, and a probe must not be taken for a message.
fn origin(url: &str) -> String {
    Url::parse(url).map_or_else(|_| String::new(), |url| url.origin().ascii_serialization())
}

fn finding(level: FindingLevel, what: String, remedy: &str) -> Finding {
    Finding {
        level,
        what,
        remedy: remedy.to_owned(),
    }
}
