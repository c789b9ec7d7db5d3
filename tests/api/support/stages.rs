//! Cases that have come some way, driven there by the people whose work each step is.

use super::papers::*;
use super::{Filed, Town};
use serde_json::json;

pub const MEASURES: [&str; 4] = ["resolve", "educate", "assist", "lawful_handling"];

impl Town {
    /// A claim at the bureau, not yet accepted.
    pub async fn transferred(&self) -> Filed {
        self.transferred_from(claim()).await
    }

    /// As `transferred`, of that petition.
    pub async fn transferred_from(&self, petition: serde_json::Value) -> Filed {
        let case = self.clerk.files(petition).await;
        self.clerk.act(&case, "transfer", transfer(self.organs.bureau)).await.ok();
        case
    }

    /// A claim that the bureau has accepted.
    pub async fn accepted(&self) -> Filed {
        let case = self.transferred().await;
        self.registrar.act(&case, "acceptance", accept()).await.ok();
        case
    }

    /// A claim that the handler handles.
    pub async fn in_handling(&self) -> Filed {
        let case = self.accepted().await;
        self.name_handlers(&case).await;
        case
    }

    pub async fn name_handlers(&self, case: &Filed) {
        let named = handlers(&[self.handler.user, self.head.user]);
        self.registrar.act(case, "assignment", named).await.ok();
    }

    /// A claim whose both parts were found unreasonable, and whose opinion was delivered today.
    pub async fn delivered(&self) -> Filed {
        let case = self.in_handling().await;
        let found = findings(&["unreasonable", "unreasonable"], false, &self.day(0));
        self.handler.act(&case, "findings", found).await.ok();
        self.answered(&case, "经查，没有拖欠。", &["not_support", "explain"]).await;
        case
    }

    /// Drafts, signs and delivers an opinion.
    pub async fn answered(&self, case: &Filed, facts: &str, results: &[&str]) {
        self.handler.act(case, "opinion", opinion(facts, results)).await.ok();
        self.head.act(case, "opinion/issue", issue()).await.ok();
        let delivery = deliver("handling_opinion", &self.day(0));
        self.handler.act(case, "deliveries", delivery).await.ok();
    }

    /// Puts every measure in place that the findings call for, finds the others not applicable, and verifies all.
    pub async fn put_in_place(&self, case: &Filed) {
        for kind in MEASURES {
            let state = self.handler.sees(case).await["measures"][kind]["state"].clone();
            let at = |step: &str| format!("measures/{kind}/{step}");
            if ["applies", "planned", "sent_back"].iter().any(|applies| state == *applies) {
                let planned = plan(self.other_handler.user, &self.day(20));
                self.handler.act(case, &at("plan"), planned).await.ok();
                let reported = report(kind, &self.day(0));
                self.other_handler.act(case, &at("in-place"), reported).await.ok();
            } else {
                let reason = json!({"reason": "经核查没有此情形"});
                self.handler.act(case, &at("not-applicable"), reason).await.ok();
            }
            self.verifier.act(case, &at("verification"), verdict(true)).await.ok();
        }
    }

    /// A claim that was closed today.
    pub async fn closed(&self) -> Filed {
        let case = self.delivered().await;
        self.put_in_place(&case).await;
        self.handler.act(&case, "closure", closing()).await.ok();
        case
    }

    /// A claim that the county's government upheld in review, and whose review opinion was delivered today.
    pub async fn reviewed(&self) -> Filed {
        let case = self.delivered().await;
        self.asks_for_review(&case).await;
        self.reviewer.act(&case, "review/admission", admit()).await.ok();
        self.reviewer.act(&case, "review/decision", review("uphold")).await.ok();
        let delivery = deliver("review_opinion", &self.day(0));
        self.reviewer.act(&case, "deliveries", delivery).await.ok();
        case
    }

    /// The petitioner asks for what is next: review, or re-review.
    pub async fn asks_for_review(&self, case: &Filed) {
        let path = format!("/public/cases/{}/review-request", case.query_code);
        self.petitioner().post(&path, appeal()).await.ok();
    }
}
