//! Where a call to somebody outside, or to an agent, goes.

use jackfield_core::AgentId;
use jackfield_telephony::{Destination, DialRequest};

use super::Tenant;

impl Tenant {
    /// Makes the request of a call to `destination`: a SIP address, an agent, or a number, which goes
    /// by the outbound trunk. `caller` is who calls, unless the trunk says otherwise.
    ///
    /// # Errors
    ///
    /// Why nothing can be called there, for people.
    pub fn dial_request(
        &self,
        destination: &str,
        caller: &str,
        headers: Vec<(String, String)>,
    ) -> Result<DialRequest, String> {
        let host = self.endpoint.local_addr();
        let from = format!("sip:{caller}@{host}");
        let plain = |to| DialRequest { to, from, from_name: None, credentials: None, headers };
        if destination.starts_with("sip:") {
            return Ok(plain(Destination::Uri(destination.to_owned())));
        }
        let config = self.config();
        let agent = destination.parse().ok();
        if let Some(account) = agent.and_then(|agent: AgentId| config.agents.get(&agent)) {
            return Ok(plain(Destination::Registered(account.sip_user.clone())));
        }
        let Some(trunk) = &config.outbound else {
            return Err(format!(
                "`{destination}`: no SIP address, no agent, and no outbound trunk"
            ));
        };
        let mut request = plain(Destination::Via {
            uri: format!("sip:{destination}@{}", trunk.domain),
            proxy: trunk.proxy.clone(),
        });
        if let Some(from) = &trunk.from {
            request.from.clone_from(from);
        }
        request.credentials =
            trunk.credentials.as_ref().map(|(user, word)| (user.clone(), word.expose().clone()));
        Ok(request)
    }
}
