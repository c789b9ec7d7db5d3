//! Cases: `/api/v1/cases` and everything below it; one file a sub-resource.

pub mod acceptance;
pub mod accusation;
pub mod assignment;
pub mod call;
pub mod claims;
pub mod closing;
pub mod deliveries;
pub mod disposal;
pub mod extension;
pub mod filing;
pub mod findings;
pub mod hearing;
pub mod list;
pub mod measures;
pub mod mediation;
pub mod objection;
pub mod opinion;
pub mod people;
pub mod proof;
pub mod re_review;
pub mod read;
pub mod repeat_check;
pub mod review;
pub mod suggestion;
pub mod transfer;
pub mod view;
