//! One list of routes for two uses: to serve them, and to describe them. The description of all takes more memory than
//! serving does, so a thread that serves makes none.

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use utoipa_actix_web::OpenApiFactory;
use utoipa_actix_web::service_config::ServiceConfig;

/// What routes are registered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Served,
    Described,
}

impl Kind {
    /// Where routes are registered for this.
    pub(super) fn routes<'a, 'config>(self, config: &'a mut ServiceConfig<'config>) -> Routes<'a, 'config> {
        Routes { config, kind: self }
    }
}

/// Where routes are registered.
pub(super) struct Routes<'a, 'config> {
    config: &'a mut ServiceConfig<'config>,
    kind: Kind,
}

impl Routes<'_, '_> {
    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn service(
        &mut self,
        service: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self {
        match self.kind {
            Kind::Served => self.config.map(|config| config.service(service)),
            Kind::Described => self.config.service(service),
        };
        self
    }

    pub(super) fn configure(&mut self, routes: impl FnOnce(&mut Self)) -> &mut Self {
        routes(self);
        self
    }

    pub(super) fn map(
        &mut self,
        routes: impl FnOnce(&mut web::ServiceConfig) -> &mut web::ServiceConfig,
    ) -> &mut Self {
        self.config.map(routes);
        self
    }
}
