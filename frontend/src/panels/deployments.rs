//! Units by what they do, and how old the newest position is.

use domain::deployment::Status;
use leptos::prelude::*;

use crate::context::context;
use crate::i18n::{Text, command as k, format};
use crate::map::units::units;
use crate::panels::levels::share;
use crate::ui::panel::{Empty, Panel};

/// The statuses in the order in which a unit goes through them.
pub const STATUSES: [(Status, Text); 7] = [
    (Status::Standby, k::S_STANDBY),
    (Status::Assigned, k::S_ASSIGNED),
    (Status::Moving, k::S_MOVING),
    (Status::OnScene, k::S_ON_SCENE),
    (Status::Working, k::S_WORKING),
    (Status::Returning, k::S_RETURNING),
    (Status::Off, k::S_OFF),
];

/// How many units do each of [`STATUSES`].
pub fn counts(all: impl Iterator<Item = Status>) -> [u32; 7] {
    let mut counts = [0; 7];
    for status in all {
        let at = STATUSES.iter().position(|(one, _)| *one == status);
        if let Some(count) = at.and_then(|at| counts.get_mut(at)) {
            *count += 1;
        }
    }
    counts
}

/// The panel.
#[component]
pub fn Deployments() -> impl IntoView {
    let ctx = context();
    let units = units();
    let counts = Memo::new(move |_| {
        units
            .statuses
            .with(|all| counts(all.iter().map(|(_, status)| *status)))
    });
    let aside = Signal::derive(move || match units.heard.get() {
        0 => ctx.t(k::NEVER_HEARD).to_owned(),
        at => {
            let secs = ((ctx.now.get() - at) / 1_000).max(0);
            let age = if secs < 60 {
                format!("{secs} s")
            } else {
                format::span(ctx.lang.get(), secs * 1_000)
            };
            ctx.tf(k::HEARD, &[("t", &age)])
        }
    });
    let most = move || counts.get().into_iter().max().unwrap_or(0);
    view! {
        <Panel class="deployments" title=k::DEPLOYMENTS aside=aside testid="deployments">
            {move || if most() == 0 {
                view! { <Empty text=k::NO_UNITS why=k::NO_UNITS_WHY/> }.into_any()
            } else {
                view! {
                    <div class="tally">
                        {STATUSES.iter().zip(counts.get()).filter(|((status, _), n)| *status != Status::Off || *n > 0).map(|((status, name), n)| view! {
                            <span class="name">{ctx.t(*name)}</span>
                            <span class="bar"><i style:--share=share(n, most())></i></span>
                            <span class="n num" data-testid="deployed" data-status=format!("{status:?}")>{n}</span>
                        }).collect_view()}
                    </div>
                }.into_any()
            }}
        </Panel>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_counted_once() {
        let all = [Status::Moving, Status::Off, Status::Moving, Status::Standby];
        assert_eq!(counts(all.into_iter()), [1, 0, 2, 0, 0, 0, 1]);
    }
}
