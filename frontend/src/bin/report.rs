//! The family of the report page: what a citizen or a grid worker has on the telephone.

use frontend::app::{Screen, start};
use frontend::i18n::report as r;
use frontend::screens::report::ReportScreen;
use leptos::prelude::*;

fn main() {
    start(&[Screen {
        at: "/report",
        title: Some(r::REPORT),
        view: || view! { <ReportScreen/> }.into_any(),
    }]);
}
