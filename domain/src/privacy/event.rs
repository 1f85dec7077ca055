//! What of each event is seen: one function a kind, each taken apart to its last field.

use super::Look;
use crate::incident::event::{
    Accepted, Appealed, Assessed, Breached, CameBack, Closed, Contacted, Corrected, Dispatched,
    Escalated, Evaluated, ExtensionAsked, ExtensionGranted, FedBack, Followed, IncidentEvent,
    Merged, OrderClimbed, OrderNote, OrderRejected, OrderSigned, Progressed, Reason, Recalled,
    Recounted, Reminded, RemovalAsked, RemovalGranted, Reopened, Reported, Resumed, Returned,
    SelfHandled, Started, Stepped, Urged,
};

impl Look {
    pub(super) fn incident_event(self, event: &IncidentEvent) -> IncidentEvent {
        use IncidentEvent as E;
        match event {
            E::Reported(data) => E::Reported(self.reported(data)),
            E::SelfHandled(data) => E::SelfHandled(self.self_handled(data)),
            E::Accepted(data) => E::Accepted(Self::accepted(data)),
            E::Rejected(data) => E::Rejected(self.reason(data)),
            E::Appealed(data) => E::Appealed(self.appealed(data)),
            E::Merged(data) => E::Merged(self.merged(data)),
            E::Joined(data) => E::Joined(Self::joined(data)),
            E::Followed(data) => E::Followed(self.followed(data)),
            E::Corrected(data) => E::Corrected(self.corrected(data)),
            E::Assessed(data) => E::Assessed(Self::assessed(data)),
            E::ConsentAsked(data) => E::ConsentAsked(self.consent_asked(data)),
            E::ConsentRefused(data) => E::ConsentRefused(self.reason(data)),
            E::Dispatched(data) => E::Dispatched(self.dispatched(data)),
            E::Returned(data) => E::Returned(self.returned(data)),
            E::Recalled(data) => E::Recalled(self.recalled(data)),
            E::Started(data) => E::Started(Self::started(data)),
            E::Progressed(data) => E::Progressed(self.progressed(data)),
            E::Stepped(data) => E::Stepped(self.stepped(data)),
            E::Escalated(data) => E::Escalated(self.escalated(data)),
            E::ExtensionAsked(data) => E::ExtensionAsked(self.extension_asked(data)),
            E::ExtensionGranted(data) => E::ExtensionGranted(self.extension_granted(data)),
            E::ExtensionRefused(data) => E::ExtensionRefused(self.reason(data)),
            E::Suspended(data) => E::Suspended(self.suspended(data)),
            E::Resumed(data) => E::Resumed(self.resumed(data)),
            E::FedBack(data) => E::FedBack(self.fed_back(data)),
            E::Reopened(data) => E::Reopened(self.reopened(data)),
            E::Contacted(data) => E::Contacted(self.contacted(data)),
            E::Urged(data) => E::Urged(self.urged(data)),
            E::Closed(data) => E::Closed(self.closed(data)),
            E::Evaluated(data) => E::Evaluated(self.evaluated(data)),
            E::TransferredOut(data) => E::TransferredOut(self.transferred_out(data)),
            E::CameBack(data) => E::CameBack(self.came_back(data)),
            E::Voided(data) => E::Voided(self.reason(data)),
            E::Recounted(data) => E::Recounted(Self::recounted(data)),
            E::Reminded(data) => E::Reminded(Self::reminded(data)),
            E::Breached(data) => E::Breached(self.breached(data)),
            E::OrderSigned(data) => E::OrderSigned(Self::order_signed(data)),
            E::OrderAnswered(data) => E::OrderAnswered(self.order_note(data)),
            E::OrderCleared(data) => E::OrderCleared(self.order_note(data)),
            E::OrderRejected(data) => E::OrderRejected(self.order_rejected(data)),
            E::OrderClimbed(data) => E::OrderClimbed(Self::order_climbed(data)),
            E::RemovalAsked(data) => E::RemovalAsked(self.removal_asked(data)),
            E::RemovalGranted(data) => E::RemovalGranted(self.removal_granted(data)),
            E::RemovalRefused(data) => E::RemovalRefused(self.order_note(data)),
        }
    }

    /// Free text that may be left out.
    pub(super) fn some_word(self, text: Option<&String>) -> Option<String> {
        text.map(|text| self.word(text))
    }

    fn reported(self, data: &Reported) -> Reported {
        let Reported {
            source,
            external_id,
            title,
            description,
            category,
            claimed,
            place,
            reporter,
            occurred_at,
            attachments,
            duplicate_of,
            sensitive,
            holder,
            accept,
        } = data;
        Reported {
            source: source.clone(),
            external_id: self.external_id(external_id),
            title: self.title(title).into_owned(),
            description: self.description(description.as_ref()),
            category: *category,
            claimed: *claimed,
            place: self.place(place),
            reporter: self.reporter(reporter.as_ref()),
            occurred_at: *occurred_at,
            attachments: self.attachments(attachments),
            duplicate_of: *duplicate_of,
            sensitive: *sensitive,
            holder: holder.clone(),
            accept: accept.clone(),
        }
    }

    fn self_handled(self, data: &SelfHandled) -> SelfHandled {
        let SelfHandled {
            category,
            sensitive,
            note,
            before,
            after,
            by,
            finish,
        } = data;
        SelfHandled {
            category: *category,
            sensitive: *sensitive,
            note: self.word(note),
            before: self.attachments(before),
            after: self.attachments(after),
            by: by.clone(),
            finish: finish.clone(),
        }
    }

    fn accepted(data: &Accepted) -> Accepted {
        let Accepted {
            category,
            sensitive,
        } = data;
        Accepted {
            category: *category,
            sensitive: *sensitive,
        }
    }

    fn reason(self, data: &Reason) -> Reason {
        let Reason { reason } = data;
        Reason {
            reason: self.word(reason),
        }
    }

    fn appealed(self, data: &Appealed) -> Appealed {
        let Appealed { reason, accept } = data;
        Appealed {
            reason: self.word(reason),
            accept: accept.clone(),
        }
    }

    fn merged(self, data: &Merged) -> Merged {
        let Merged { into, reason } = data;
        Merged {
            into: *into,
            reason: self.some_word(reason.as_ref()),
        }
    }

    fn followed(self, data: &Followed) -> Followed {
        let Followed { state, result } = data;
        Followed {
            state: *state,
            result: self.some_word(result.as_ref()),
        }
    }

    fn corrected(self, data: &Corrected) -> Corrected {
        let Corrected {
            from,
            category,
            sensitive,
            reason,
            holder,
        } = data;
        Corrected {
            from: *from,
            category: *category,
            sensitive: *sensitive,
            reason: self.word(reason),
            holder: holder.clone(),
        }
    }

    fn assessed(data: &Assessed) -> Assessed {
        let Assessed {
            breadth,
            difficulty,
            severity,
            finish,
        } = data;
        Assessed {
            breadth: *breadth,
            difficulty: *difficulty,
            severity: *severity,
            finish: finish.clone(),
        }
    }

    fn dispatched(self, data: &Dispatched) -> Dispatched {
        let Dispatched {
            to,
            cooperators,
            shared,
            because,
            binding,
            plan,
            sign,
        } = data;
        Dispatched {
            to: to.clone(),
            cooperators: cooperators.clone(),
            shared: shared.clone(),
            because: self.word(because),
            binding: *binding,
            plan: plan.as_ref().map(|plan| self.plan(plan)),
            sign: sign.clone(),
        }
    }

    fn returned(self, data: &Returned) -> Returned {
        let Returned { reason, by, holder } = data;
        Returned {
            reason: self.word(reason),
            by: by.clone(),
            holder: holder.clone(),
        }
    }

    fn recalled(self, data: &Recalled) -> Recalled {
        let Recalled { reason, holder } = data;
        Recalled {
            reason: self.some_word(reason.as_ref()),
            holder: holder.clone(),
        }
    }

    fn started(data: &Started) -> Started {
        let Started { first_action } = data;
        Started {
            first_action: first_action.clone(),
        }
    }

    fn progressed(self, data: &Progressed) -> Progressed {
        let Progressed { note, evidence } = data;
        Progressed {
            note: self.word(note),
            evidence: self.attachments(evidence),
        }
    }

    fn stepped(self, data: &Stepped) -> Stepped {
        let Stepped { step, note } = data;
        Stepped {
            step: *step,
            note: self.some_word(note.as_ref()),
        }
    }

    fn escalated(self, data: &Escalated) -> Escalated {
        let Escalated {
            reason,
            to,
            severity,
            special_report,
        } = data;
        Escalated {
            reason: self.word(reason),
            to: to.clone(),
            severity: *severity,
            special_report: *special_report,
        }
    }

    fn extension_asked(self, data: &ExtensionAsked) -> ExtensionAsked {
        let ExtensionAsked { reason, until, by } = data;
        ExtensionAsked {
            reason: self.word(reason),
            until: *until,
            by: by.clone(),
        }
    }

    fn extension_granted(self, data: &ExtensionGranted) -> ExtensionGranted {
        let ExtensionGranted { finish, note } = data;
        ExtensionGranted {
            finish: finish.clone(),
            note: self.some_word(note.as_ref()),
        }
    }

    fn resumed(self, data: &Resumed) -> Resumed {
        let Resumed { clocks, note } = data;
        Resumed {
            clocks: clocks.clone(),
            note: self.some_word(note.as_ref()),
        }
    }

    fn fed_back(self, data: &FedBack) -> FedBack {
        let FedBack {
            result,
            evidence,
            confirm,
        } = data;
        FedBack {
            result: self.word(result),
            evidence: self.attachments(evidence),
            confirm: confirm.clone(),
        }
    }

    fn reopened(self, data: &Reopened) -> Reopened {
        let Reopened {
            reason,
            by_reporter,
            finish,
        } = data;
        Reopened {
            reason: self.word(reason),
            by_reporter: *by_reporter,
            finish: finish.clone(),
        }
    }

    fn contacted(self, data: &Contacted) -> Contacted {
        let Contacted { outcome, note } = data;
        Contacted {
            outcome: *outcome,
            note: self.some_word(note.as_ref()),
        }
    }

    fn urged(self, data: &Urged) -> Urged {
        let Urged { note } = data;
        Urged {
            note: self.some_word(note.as_ref()),
        }
    }

    fn closed(self, data: &Closed) -> Closed {
        let Closed {
            satisfied,
            by_proxy,
            proxy,
            note,
            number,
        } = data;
        Closed {
            satisfied: *satisfied,
            by_proxy: *by_proxy,
            proxy: *proxy,
            note: self.some_word(note.as_ref()),
            number: *number,
        }
    }

    fn evaluated(self, data: &Evaluated) -> Evaluated {
        let Evaluated {
            speed,
            cooperation,
            note,
        } = data;
        Evaluated {
            speed: *speed,
            cooperation: *cooperation,
            note: self.some_word(note.as_ref()),
        }
    }

    fn came_back(self, data: &CameBack) -> CameBack {
        let CameBack { reason, clocks } = data;
        CameBack {
            reason: self.word(reason),
            clocks: clocks.clone(),
        }
    }

    fn recounted(data: &Recounted) -> Recounted {
        let Recounted { clocks } = data;
        Recounted {
            clocks: clocks.clone(),
        }
    }

    fn reminded(data: &Reminded) -> Reminded {
        let Reminded {
            clock,
            nth,
            at,
            due,
            to,
            sms,
        } = data;
        Reminded {
            clock: *clock,
            nth: *nth,
            at: *at,
            due: *due,
            to: to.clone(),
            sms: *sms,
        }
    }

    fn breached(self, data: &Breached) -> Breached {
        let Breached {
            clock,
            tier,
            due_at,
            fired_at,
            order,
        } = data;
        Breached {
            clock: *clock,
            tier: *tier,
            due_at: *due_at,
            fired_at: *fired_at,
            order: self.order(order),
        }
    }

    fn order_signed(data: &OrderSigned) -> OrderSigned {
        let OrderSigned { order } = data;
        OrderSigned { order: *order }
    }

    fn order_note(self, data: &OrderNote) -> OrderNote {
        let OrderNote { order, text } = data;
        OrderNote {
            order: *order,
            text: self.word(text),
        }
    }

    fn order_rejected(self, data: &OrderRejected) -> OrderRejected {
        let OrderRejected {
            order,
            reason,
            reply_by,
        } = data;
        OrderRejected {
            order: *order,
            reason: self.word(reason),
            reply_by: *reply_by,
        }
    }

    fn order_climbed(data: &OrderClimbed) -> OrderClimbed {
        let OrderClimbed { order, to, due_at } = data;
        OrderClimbed {
            order: *order,
            to: to.clone(),
            due_at: *due_at,
        }
    }

    fn removal_asked(self, data: &RemovalAsked) -> RemovalAsked {
        let RemovalAsked { order, reason, by } = data;
        RemovalAsked {
            order: *order,
            reason: self.word(reason),
            by: by.clone(),
        }
    }

    fn removal_granted(self, data: &RemovalGranted) -> RemovalGranted {
        let RemovalGranted {
            order,
            reason,
            clock,
        } = data;
        RemovalGranted {
            order: *order,
            reason: self.word(reason),
            clock: clock.clone(),
        }
    }
}
