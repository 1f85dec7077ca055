//! How many rows fit: a list on a wall never scrolls, it shows what its height holds.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::ResizeObserver;

/// Watches a list's height and the height of a probe row in it; gives how many rows fit.
pub fn rows_that_fit(list: NodeRef<Div>, probe: NodeRef<Div>) -> RwSignal<usize> {
    let rows = RwSignal::new(0_usize);
    let kept = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move |_| {
        let (Some(list), Some(probe)) = (list.get(), probe.get()) else {
            return;
        };
        let (list_el, probe_el) = (list.clone(), probe.clone());
        let measure = move || {
            let row = probe_el.get_bounding_client_rect().height();
            let height = list_el.get_bounding_client_rect().height();
            if row > 0.0 {
                let fits = ((height + 0.5) / row).floor().max(0.0) as usize;
                if rows.get_untracked() != fits {
                    rows.set(fits);
                }
            }
        };
        measure();
        let closure = Closure::<dyn FnMut()>::new(measure);
        let Ok(observer) = ResizeObserver::new(closure.as_ref().unchecked_ref()) else {
            return;
        };
        observer.observe(&list);
        observer.observe(&probe);
        kept.set_value(Some((observer, closure)));
    });
    on_cleanup(move || {
        if let Some(Some((observer, _closure))) = kept.try_update_value(Option::take) {
            observer.disconnect();
        }
    });
    rows
}
