//! Who may do and see what: role × duty × relation to the case (Art. 5, 14, 28, 30).

mod delegation;
mod policy;
mod relation;
mod role;
mod scope;

pub use delegation::{DelegationRequest, DelegationState, LONGEST_DELEGATION, stand_in};
pub use policy::{GRANTS, Grant, PARTICULARS, may_see_particulars, permits};
pub use relation::{Relation, relations};
pub use role::{Actor, Duty, RecordedActor, Role, Staff};
pub use scope::{Knowable, Scope, may_know_of};
