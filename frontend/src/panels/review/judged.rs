//! Each organisation judged: the table, the bars beside the muster clock, and what was claimed
//! against what was seen.

use std::sync::Arc;

use domain::session::review::{Member, Outcome, Point};
use domain::session::{Step, Task};
use leptos::prelude::*;

use super::model::{Report, clock, judgement, share, time};
use crate::i18n::{Lang, command as k, fill, review as r};
use crate::panels::muster::channel;
use crate::ui::tongue::{t, tongue};

/// The table of steps and judgements.
#[component]
pub fn Judged(
    /// The report.
    report: Arc<Report>,
) -> impl IntoView {
    let tongue = tongue();
    let heads = [
        r::ORG,
        r::ANSWERED,
        r::MOVED,
        r::THERE,
        r::DONE,
        r::VERDICT,
        r::CHAIN,
    ];
    let rows = move || {
        let lang = tongue.0.get();
        let rows = report.review.members.iter();
        rows.map(|member| row(&report, member, lang)).collect_view()
    };
    view! {
        <section class="part" data-testid="judged">
            <h2>{t(r::JUDGED)}</h2>
            <div class="over" tabindex="0" role="group" aria-label=t(r::JUDGED)><table>
                <thead><tr>{heads.map(|head| view! { <th scope="col">{t(head)}</th> }).collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
            <p class="quiet small">{t(r::JUDGED_WHY)}</p>
        </section>
    }
}

fn row(report: &Report, member: &Member, lang: Lang) -> AnyView {
    let units = member.units.iter().map(|unit| report.unit(unit.as_str()));
    let units = units.collect::<Vec<_>>().join("、");
    let lead =
        (member.task == Task::Lead).then(|| view! { <span class="chip">{lang.of(k::LEAD)}</span> });
    let chain = member
        .chain
        .iter()
        .map(|rung| lang.of(channel(rung.channel)));
    let chain = chain.collect::<Vec<_>>().join(" → ");
    let (word, state) = judgement(&member.muster, lang);
    let respond = member.respond.as_ref().map(|one| {
        let (word, state) = match one.outcome {
            Outcome::Missing => (lang.of(r::O_ABSENT).to_owned(), "late"),
            _ => judgement(one, lang),
        };
        view! { <small class="judge" data-state=state>{lang.of(r::RESPOND)}" "{word}</small> }
    });
    let secs = [Step::Acknowledged, Step::Moving, Step::Arrived, Step::Done];
    let secs = secs.map(
        |step| view! { <td class="num" data-step=lang_free(step)>{clock(member.secs(step))}</td> },
    );
    view! {
        <tr data-testid="member" data-org=member.org.to_string() data-state=state>
            <th scope="row"><b>{report.org(&member.org, lang)}</b>{lead}<small>{units}</small></th>
            {secs.collect_view()}
            <td><b class="judge" data-state=state>{word}</b>{respond}</td>
            <td><small>{chain}</small></td>
        </tr>
    }
    .into_any()
}

/// A step's name for checks.
const fn lang_free(step: Step) -> &'static str {
    match step {
        Step::Acknowledged => "acknowledged",
        Step::Moving => "moving",
        Step::Arrived => "arrived",
        _ => "done",
    }
}

/// The bars.
#[component]
pub fn Bars(
    /// The report.
    report: Arc<Report>,
) -> impl IntoView {
    let tongue = tongue();
    let limit = report.review.limits.muster_secs.max(1);
    let members = report.review.members.iter();
    let secs = members.flat_map(|one| [Step::Moving, Step::Arrived].map(|step| one.secs(step)));
    let longest = secs.flatten().max().unwrap_or(0).max(limit);
    let whole = longest + longest / 25;
    let limit_words = move || {
        let lang = tongue.0.get();
        fill(lang.of(r::L_LIMIT), &[("t", &clock(Some(limit)))])
    };
    let rows = move || {
        let lang = tongue.0.get();
        let ordered = report.review.members.iter();
        let ordered = ordered.filter(|one| one.ordered_at.is_some());
        ordered
            .map(|one| bar(&report, one, (limit, whole), lang))
            .collect_view()
    };
    view! {
        <section class="part" data-testid="bars">
            <h2>{t(r::BARS)}</h2>
            <p class="bar-legend quiet small">
                <span><i class="mark claimed"></i>{t(r::L_CLAIMED)}</span>
                <span><i class="mark seen"></i>{t(r::L_SEEN)}</span>
                <span><i class="mark there"></i>{t(r::L_THERE)}</span>
                <span><i class="mark limit"></i>{limit_words}</span>
            </p>
            <ul class="bars">{rows}</ul>
        </section>
    }
}

fn bar(report: &Report, member: &Member, (limit, whole): (u32, u32), lang: Lang) -> AnyView {
    let (word, state) = judgement(&member.muster, lang);
    let at = |secs: u32| share(secs, whole);
    let mark = |class: &'static str, secs: Option<u32>| {
        secs.map(|secs| view! { <i class=format!("mark {class}") style:left=at(secs) title=clock(Some(secs))></i> })
    };
    let moving = member.point(Step::Moving);
    let claimed = moving.and_then(|point| point.claimed.as_ref().map(|one| one.secs));
    let seen = moving.and_then(|point| point.observed.map(|one| one.secs));
    let there = member.secs(Step::Arrived);
    let run =
        moving.map(|point| view! { <i class="run" style:width=share(point.secs, whole)></i> });
    let secs = moving.map_or(word, |point| clock(Some(point.secs)));
    view! {
        <li data-state=state>
            <span class="clip">{report.org(&member.org, lang)}</span>
            <span class="way">
                {run}
                <i class="mark limit" style:left=at(limit)></i>
                {mark("claimed", claimed)}{mark("seen", seen)}{mark("there", there)}
            </span>
            <b class="num judge" data-state=state>{secs}</b>
        </li>
    }
    .into_any()
}

/// What was claimed against what was seen.
#[component]
pub fn Claims(
    /// The report.
    report: Arc<Report>,
) -> impl IntoView {
    let tongue = tongue();
    let heads = [
        r::ORG,
        r::SAYS_MOVES,
        r::SEEN_MOVES,
        r::SAYS_THERE,
        r::SEEN_THERE,
        r::COMPARED,
    ];
    let rows = move || {
        let lang = tongue.0.get();
        let rows = report.review.members.iter();
        rows.map(|member| claims(&report, member, lang))
            .collect_view()
    };
    view! {
        <section class="part" data-testid="claims">
            <h2>{t(r::CLAIMS)}</h2>
            <div class="over" tabindex="0" role="group" aria-label=t(r::CLAIMS)><table>
                <thead><tr>{heads.map(|head| view! { <th scope="col">{t(head)}</th> }).collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        </section>
    }
}

fn claims(report: &Report, member: &Member, lang: Lang) -> AnyView {
    let cells = [member.point(Step::Moving), member.point(Step::Arrived)];
    let cells = cells.map(|point| view! { {claimed(point, lang)}{seen(point, lang)} });
    let moving = member.point(Step::Moving);
    let compared = match (member.doubted_at, moving) {
        (Some(at), _) => {
            let text = fill(lang.of(r::DOUBTED), &[("t", &time(at))]);
            view! { <b class="judge" data-state="doubted" data-testid="doubted">{text}</b> }
                .into_any()
        }
        (None, Some(point)) if point.observed.is_some() => lang.of(r::AGREES).into_any(),
        (None, Some(_)) => view! { <small>{lang.of(r::NO_POSITIONS)}</small> }.into_any(),
        (None, None) => "—".into_any(),
    };
    view! {
        <tr><th scope="row">{report.org(&member.org, lang)}</th>{cells.collect_view()}<td>{compared}</td></tr>
    }
    .into_any()
}

fn claimed(point: Option<&Point>, lang: Lang) -> AnyView {
    let Some(claim) = point.and_then(|point| point.claimed.as_ref()) else {
        return view! { <td>"—"</td> }.into_any();
    };
    let told = claim
        .told_at
        .map(|at| fill(lang.of(r::TOLD), &[("t", &time(at))]));
    view! { <td><span class="num">{time(claim.at)}</span>" "<small class="num">"+"{clock(Some(claim.secs))}</small>{told.map(|text| view! { <small>{text}</small> })}</td> }
        .into_any()
}

fn seen(point: Option<&Point>, lang: Lang) -> AnyView {
    let Some(seen) = point.and_then(|point| point.observed) else {
        return view! { <td>"—"</td> }.into_any();
    };
    let metres = seen
        .metres
        .map(|n| fill(lang.of(r::METRES), &[("n", &n.to_string())]));
    view! { <td><span class="num">{time(seen.at)}</span>" "<small class="num">"+"{clock(Some(seen.secs))}</small>{metres.map(|text| view! { <small>{text}</small> })}</td> }
        .into_any()
}
