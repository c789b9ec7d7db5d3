//! Administration: the system administrator keeps the directories, the security administrator the accounts, and
//! the auditor changes nothing (GB/T 22239 level 3: separated administrators).

pub mod audit;
pub mod calendar;
pub mod checkpoints;
pub mod erasures;
pub mod organisations;
pub mod regions;
pub mod review_rules;
pub mod topics;
pub mod users;

use std::future::Future;
use std::pin::Pin;

use actix_web::{FromRequest, HttpRequest, dev};
use domain::access::Role;

use super::cases::call::Caller;
use super::problem::Problem;
use super::problem::kinds::FORBIDDEN;

type Asked<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// A system administrator; asking for it in a handler is what protects the handler.
pub struct SystemAdministrator(pub Caller);

impl FromRequest for SystemAdministrator {
    type Error = Problem;
    type Future = Asked<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload);
        Box::pin(async move { Ok(Self(in_role(caller.await?, Role::SystemAdministrator)?)) })
    }
}

/// A security administrator; asking for it in a handler is what protects the handler.
pub struct SecurityAdministrator(pub Caller);

impl FromRequest for SecurityAdministrator {
    type Error = Problem;
    type Future = Asked<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload);
        Box::pin(async move { Ok(Self(in_role(caller.await?, Role::SecurityAdministrator)?)) })
    }
}

/// An auditor, who reads what was done and changes nothing; asking for it in a handler is what protects the handler.
pub struct Auditor(pub Caller);

impl FromRequest for Auditor {
    type Error = Problem;
    type Future = Asked<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload);
        Box::pin(async move { Ok(Self(in_role(caller.await?, Role::Auditor)?)) })
    }
}

/// A system or a security administrator; asking for it in a handler is what protects the handler.
pub struct SystemOrSecurityAdministrator(pub Caller);

impl FromRequest for SystemOrSecurityAdministrator {
    type Error = Problem;
    type Future = Asked<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload);
        Box::pin(async move {
            let caller = caller.await?;
            let role = match caller.signed_in.staff().role {
                Role::SecurityAdministrator => Role::SecurityAdministrator,
                _ => Role::SystemAdministrator,
            };
            Ok(Self(in_role(caller, role)?))
        })
    }
}

fn in_role(caller: Caller, role: Role) -> Result<Caller, Problem> {
    if caller.signed_in.staff().role == role {
        return Ok(caller);
    }
    let (chinese, english) = match role {
        Role::SecurityAdministrator => {
            ("仅安全管理员可以进行此操作", "Only a security administrator does this")
        }
        Role::Auditor => ("仅审计员可以进行此操作", "Only an auditor does this"),
        _ => ("仅系统管理员可以进行此操作", "Only a system administrator does this"),
    };
    Err(Problem::new(FORBIDDEN).detail(chinese, english))
}
