//! `gridlamp doctor`: what is wrong with this set-up and how to mend it.

use std::time::Duration;

use domain::time::Timestamp;

use crate::audit::{self, Place, Verdict};
use crate::clock::Clock;
use crate::config::Config;
use crate::county;
use crate::history::{self, Looked};
use crate::log::{EventLog, Finding, FindingLevel, Log, OpenMode};
use crate::node;
use crate::notice;

/// A clock before this is not set: this program is younger.
const PROGRAM_BORN_MS: i64 = 1_767_196_800_000;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Also prove the audit trail, from its first record on.
    #[arg(long)]
    audit: bool,
    /// A place the trail must hold, as noted elsewhere: `NUMBER:HASH`, or the two in quotes.
    #[arg(long, requires = "audit", value_name = "PLACE")]
    audit_head: Vec<Place>,
}

pub(super) async fn run(config: &Config, args: Args) -> anyhow::Result<i32> {
    let mut findings = Vec::new();
    let code = check_pack(config, &mut findings);
    check_clock(&mut findings);
    check_port(config, &mut findings);
    check_disk(config, &mut findings);
    findings.extend(notice::check::receivers(&config.notices, &config.url()).await);
    let code = code.unwrap_or_else(|| "000000".to_owned());
    match node::open_log(config, &code, OpenMode::Tool).await {
        Ok(log) => {
            findings.extend(log.doctor().await);
            check_history(config, &log, &mut findings).await;
            if args.audit {
                check_audit(config, &log, &code, args.audit_head, &mut findings).await;
            }
        }
        Err(error) => findings.push(finding(FindingLevel::Error, format!("{error:#}"), "")),
    }
    for f in &findings {
        let mark = match f.level {
            FindingLevel::Ok => "ok   ",
            FindingLevel::Warning => "WARN ",
            FindingLevel::Error => "ERROR",
        };
        println!("{mark} {}", f.what);
        if !f.remedy.is_empty() {
            println!("      -> {}", f.remedy);
        }
    }
    let failed = findings.iter().any(|f| f.level == FindingLevel::Error);
    Ok(i32::from(failed))
}

fn finding(level: FindingLevel, what: String, remedy: &str) -> Finding {
    Finding {
        level,
        what,
        remedy: remedy.to_owned(),
    }
}

fn check_pack(config: &Config, findings: &mut Vec<Finding>) -> Option<String> {
    let (pack, faults) = county::read(&config.county);
    for fault in faults.iter().filter(|fault| fault.fatal) {
        let what = format!("county pack: {}: {}", fault.place, fault.message);
        findings.push(finding(FindingLevel::Error, what, &fault.remedy));
    }
    let pack = pack?;
    let what = format!(
        "county pack {} ({})",
        pack.county.name,
        config.county.display()
    );
    findings.push(finding(FindingLevel::Ok, what, ""));
    Some(pack.county.code.to_string())
}

/// The history is a cache: whatever is wrong with it, a node mends by itself.
async fn check_history(config: &Config, log: &EventLog, findings: &mut Vec<Finding>) {
    let file = history::path(&config.data);
    let file = file.display();
    findings.push(match history::inspect(&config.data, log.epoch().as_str()) {
        Looked::Absent => finding(
            FindingLevel::Ok,
            format!("no history yet in {file}: a node folds it from the log"),
            "",
        ),
        Looked::Unfit(why) => finding(
            FindingLevel::Warning,
            format!("the history {file} will be folded anew: {why}"),
            "nothing to do: a node that starts rebuilds it from the log; until then what was closed long ago may not be found",
        ),
        Looked::Sound { position, at, bytes } => {
            let megabytes = bytes / 1_000_000;
            let lag = log.head().await.map(|head| head.seq().saturating_sub(position.seq()));
            match lag {
                Ok(0) => finding(FindingLevel::Ok, format!("the history {file} holds all of the log ({megabytes} MB)"), ""),
                Ok(lag) => finding(
                    FindingLevel::Ok,
                    format!("the history {file} is {lag} events behind the log, up to {at} ({megabytes} MB)"),
                    "a node that runs catches up by itself",
                ),
                Err(error) => finding(FindingLevel::Error, format!("the log's end can't be read: {error}"), "mend the log and look again"),
            }
        }
    });
}

/// Proves the trail, against what this node's folder remembers and what the operator kept elsewhere.
async fn check_audit(
    config: &Config,
    log: &EventLog,
    county: &str,
    kept: Vec<Place>,
    findings: &mut Vec<Finding>,
) {
    let mut places = audit::remembered(&config.data);
    places.extend(kept);
    let Verdict { sound, end, broken } = match audit::verify(log, county, &places).await {
        Ok(verdict) => verdict,
        Err(error) => {
            let what = format!("the audit trail can't be read: {error}");
            findings.push(finding(
                FindingLevel::Error,
                what,
                "mend the log and look again",
            ));
            return;
        }
    };
    if let Some(broken) = broken {
        findings.push(finding(
            FindingLevel::Error,
            format!("the audit trail is broken: {broken} (records that hold, from the first on: {sound})"),
            "keep the log as it is for those who investigate: somebody who can write to it changed it, or an old copy was put in its place",
        ));
        return;
    }
    let reaches = end.map_or_else(String::new, |place| format!(", up to {place}"));
    findings.push(finding(
        FindingLevel::Ok,
        format!("the audit trail holds (records: {sound}{reaches})"),
        "",
    ));
    if sound > 0 && places.is_empty() {
        findings.push(finding(
            FindingLevel::Warning,
            format!("nothing in {} remembers how far the audit trail reached", config.data.display()),
            "run this where a node runs, or give the place you noted with --audit-head: without either, a cut end is not seen",
        ));
    }
}

fn check_clock(findings: &mut Vec<Finding>) {
    let now = Clock::life().now();
    findings.push(if now > Timestamp::from_millis(PROGRAM_BORN_MS) {
        finding(FindingLevel::Ok, format!("the clock says {now}"), "")
    } else {
        finding(
            FindingLevel::Error,
            format!("the clock says {now}, which is before this program was made"),
            "set the time and keep it with NTP (chrony): every deadline depends on it",
        )
    });
}

fn check_port(config: &Config, findings: &mut Vec<Finding>) {
    findings.push(match std::net::TcpListener::bind(config.listen) {
        Ok(_) => finding(FindingLevel::Ok, format!("{} is free", config.listen), ""),
        Err(error) => finding(
            FindingLevel::Warning,
            format!("{}: {error}", config.listen),
            "in order if gridlamp itself runs there; else set GRIDLAMP_LISTEN to a free address",
        ),
    });
}

fn check_disk(config: &Config, findings: &mut Vec<Finding>) {
    let probe = config.data.join(".doctor");
    let written =
        std::fs::create_dir_all(&config.data).and_then(|()| std::fs::write(&probe, b"ok"));
    let _removed = std::fs::remove_file(&probe);
    findings.push(match written {
        Ok(()) => finding(
            FindingLevel::Ok,
            format!("{} can be written", config.data.display()),
            "",
        ),
        Err(error) => finding(
            FindingLevel::Error,
            format!("{} can't be written: {error}", config.data.display()),
            "free some space, or give the user that runs gridlamp the right to write there",
        ),
    });
}

pub(super) async fn healthcheck(config: &Config) -> anyhow::Result<i32> {
    crate::tls::ready();
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(3))
        .build()?;
    let answer = client
        .get(format!("http://{}/readyz", config.listen))
        .send()
        .await?;
    Ok(i32::from(!answer.status().is_success()))
}
