//! Guests that attack: each is stopped by a limit that its error or the account names, what is built in
//! would serve, and the next question to a peaceful router is answered as if nothing had been.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use expect_test::expect;
use jackfield_core::{Attribute, PluginFailure, RoutingDecision};
use jackfield_plugin_host::*;
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, HeapType, ImportSection, Instruction,
    MemorySection, MemoryType, Module, RefType, TableSection, TableType, TypeSection, ValType,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::routers::question;
use crate::support::{Books, HOST, guest};

/// A host whose tenants are quarantined after two failures; a second host for its own limits.
fn host() -> PluginHost {
    static STRICT: std::sync::LazyLock<PluginHost> = std::sync::LazyLock::new(|| {
        let rules = QuarantineRules { failures: 2, ..QuarantineRules::default() };
        let tenant = TenantLimits { quarantine: rules, ..TenantLimits::default() };
        // Long enough for each attack but the endless ones to meet its own limit on a laden machine.
        let router_deadline = Duration::from_millis(500);
        PluginHost::new(HostConfig { tenant, router_deadline, ..crate::support::config() }).unwrap()
    });
    STRICT.clone()
}

struct Attacked {
    account: Arc<PluginAccount>,
    router: RouterPlugin,
}

/// The router of a tenant of its own.
fn attacked(wasm: &[u8], tenant: &str) -> Attacked {
    let host = host();
    let installed = host.install(wasm, World::Router, &Grants::all()).unwrap();
    let account = host.account(tenant).plugin("router");
    let router = host.router(&installed.digest).unwrap().billed_to(&account);
    Attacked { account, router }
}

impl Attacked {
    async fn ask(&self, attack: &str, services: Arc<dyn Services>) -> String {
        match self.router.choose(&question(&[("attack", attack)]), services).await {
            Ok(answer) => format!("answered {:.40}", format!("{:?}", answer.decision)),
            Err(failure) => failure.to_string(),
        }
    }

    fn met(&self) -> String {
        let met = Limit::ALL.into_iter().filter(|limit| 0 < self.account.hits(*limit));
        let all = met.map(|limit| format!("{} {}", limit.name(), self.account.hits(limit)));
        all.collect::<Vec<_>>().join(", ")
    }

    fn standing(&self) -> &'static str {
        self.account.standings().first().map_or("unasked", |(_, standing, _)| standing.name())
    }
}

async fn peaceful_is_served() {
    let host = host();
    let wasm = guest("router-longest-idle");
    let installed = host.install(&wasm, World::Router, &Grants::all()).unwrap();
    let account = host.account("peaceful").plugin("router");
    let router = host.router(&installed.digest).unwrap().billed_to(&account);
    let answer = router.choose(&question(&[]), Arc::new(Books::default())).await.unwrap();
    let RoutingDecision::Offer(agents) = answer.decision else { panic!("{answer:?}") };
    assert_eq!(agents.first().map(String::as_str), Some("ann"));
}

#[tokio::test]
async fn each_attack_meets_its_limit() {
    let wasm = guest("router-hostile");
    let mut all = String::new();
    for attack in [
        "endless-loop",
        "deep-recursion",
        "memory-growth",
        "giant-string",
        "giant-strings",
        "giant-list",
        "long-list",
        "log-flood",
        "host-call-flood",
        "metric-flood",
        "trap",
        "nonsense",
        "no-number",
        "none",
    ] {
        let attacked = attacked(&wasm, attack);
        let told = attacked.ask(attack, Arc::new(Books::default())).await;
        all.push_str(&format!("{attack}: {told}; met [{}]\n", attacked.met()));
        peaceful_is_served().await;
        // The instance that failed is gone; a second failure is enough here.
        let _ = attacked.ask(attack, Arc::new(Books::default())).await;
        let third = attacked.ask("none", Arc::new(Books::default())).await;
        let well = told.starts_with("answered") || told.starts_with("refused");
        assert_eq!(attacked.standing(), if well { "serving" } else { "quarantined" }, "{attack}");
        assert_eq!(third.starts_with("suspended: quarantined"), !well, "{attack}: {third}");
    }
    expect![[r#"
        endless-loop: exceeded its deadline; met [deadline 1]
        deep-recursion: trapped: limit stack: stack overflow; met [stack 1]
        memory-growth: ran out of memory; met [memory 1]
        giant-string: trapped: limit output: handed too much to the host at once; met [output 1]
        giant-strings: trapped: limit output: handed too much to the host at once; met [output 1]
        giant-list: trapped: limit output: handed too much to the host at once; met [output 1]
        long-list: bad reply: an offer to 2000 agents, of 3 candidates; met []
        log-flood: answered Offer(["bob", "ann", "cat"]); met [log_lines 90, log_bytes 84]
        host-call-flood: trapped: limit host_calls: called the host too often; met [host_calls 1]
        metric-flood: answered Offer(["bob", "ann", "cat"]); met [metric_names 91]
        trap: trapped: gave up (panic); met []
        nonsense: bad reply: `nobody-at-all` is no candidate; met []
        no-number: bad reply: a score of NaN; met []
        none: answered Offer(["bob", "ann", "cat"]); met []
    "#]]
    .assert_eq(&all);
}

/// Books that take their time.
struct SlowBooks;

#[async_trait]
impl Services for SlowBooks {
    async fn find_contact(&self, _: &str) -> Result<Card, CrmError> {
        Err(CrmError::NotFound)
    }
    async fn upsert_contact(
        &self,
        _: &str,
        _: Option<&str>,
        _: Vec<Attribute>,
    ) -> Result<String, CrmError> {
        Err(CrmError::Unavailable)
    }
    async fn add_note(&self, _: &str, _: Option<&str>, _: &str) -> Result<(), CrmError> {
        Err(CrmError::Unavailable)
    }
    async fn state_get(&self, _: &str) -> Result<Option<Vec<u8>>, StateError> {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok(None)
    }
    async fn state_set(&self, _: &str, _: Vec<u8>, _: Option<u32>) -> Result<(), StateError> {
        Err(StateError::Quota)
    }
    async fn state_compare_and_set(
        &self,
        _: &str,
        _: Option<Vec<u8>>,
        _: Vec<u8>,
    ) -> Result<bool, StateError> {
        Err(StateError::Unavailable)
    }
    fn count(&self, _: &str, _: u32) {}
    fn observe(&self, _: &str, _: f64) {}
    fn log(&self, _: LogLevel, _: &str) {}
    fn now_micros(&self) -> u64 {
        0
    }
    fn random(&self) -> f64 {
        0.5
    }
}

#[tokio::test]
async fn one_that_waits_for_the_host_is_not_waited_for() {
    let attacked = attacked(&guest("router-hostile"), "slow-host");
    // 190 calls of 20 ms.
    let told = attacked.ask("slow-host", Arc::new(SlowBooks)).await;
    assert_eq!(told, "exceeded its deadline");
    assert_eq!(attacked.met(), "deadline 1");
    // The instance is given up with its call.
    let account = attacked.account.tenant();
    for _ in 0..200 {
        if account.instances() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(account.instances(), 0);
    peaceful_is_served().await;
}

#[tokio::test]
async fn a_switch_stops_calls_in_progress_and_those_to_come() {
    let attacked = Arc::new(attacked(&guest("router-hostile"), "switched"));
    let running = tokio::spawn({
        let attacked = Arc::clone(&attacked);
        async move { attacked.ask("slow-host", Arc::new(SlowBooks)).await }
    });
    while attacked.account.host_calls() == 0 && attacked.account.tenant().instances() == 0 {
        tokio::task::yield_now().await;
    }
    attacked.account.disable("it calls the wrong agents");
    assert_eq!(running.await.unwrap(), "suspended: disabled by an operator");
    let told = attacked.ask("none", Arc::new(Books::default())).await;
    assert_eq!(told, "suspended: disabled by an operator: it calls the wrong agents");
    attacked.account.enable();
    let told = attacked.ask("none", Arc::new(Books::default())).await;
    assert!(told.starts_with("answered"), "{told}");
}

#[tokio::test]
async fn a_tenant_has_a_share_of_the_processors_and_of_the_places() {
    let tenant = TenantLimits {
        // Ten milliseconds, which do not come back while the test runs.
        cpu_share: 0.0001,
        cpu_window: Duration::from_secs(100),
        instances: 1,
        quarantine: QuarantineRules { failures: 0, ..QuarantineRules::default() },
        ..TenantLimits::default()
    };
    let host = PluginHost::new(HostConfig { tenant, ..crate::support::config() }).unwrap();
    let wasm = guest("router-hostile");
    let installed = host.install(&wasm, World::Router, &Grants::all()).unwrap();
    let account = host.account("acme");
    let router =
        |name: &str| host.router(&installed.digest).unwrap().billed_to(&account.plugin(name));
    let (first, second) = (router("first"), router("second"));
    let ask = async |router: &RouterPlugin, attack: &str| {
        let asked = question(&[("attack", attack)]);
        let answer = router.choose(&asked, Arc::new(Books::default())).await;
        answer.map_err(|failure| failure.to_string())
    };
    assert!(ask(&first, "none").await.is_ok());
    // Its instance is kept for the next question.
    let full = "refused: limit instances: the tenant has 1 already".to_owned();
    assert_eq!(ask(&second, "none").await, Err(full));
    assert_eq!(account.plugin("second").hits(Limit::Instances), 1);
    let late = PluginFailure::DeadlineExceeded.to_string();
    // Its time is the processor's: on a laden machine it takes several deadlines to use up the share.
    let mut over = late.clone();
    for _ in 0..1_000 {
        over = ask(&first, "endless-loop").await.unwrap_err();
        if over != late {
            break;
        }
    }
    assert!(over.starts_with("suspended: limit cpu_share"), "{over}");
    assert!(1.0 <= account.cpu_share_used());
    assert_eq!(account.plugin("first").hits(Limit::CpuShare), 1);
}

/// How a component of our own attacks on every question but the first, which is the test's before it is
/// installed.
#[derive(Clone, Copy)]
enum Own {
    TableGrowth,
    Reentry,
    TrapEverywhere,
}

/// A router of WebAssembly: it waits a millisecond at the first question, and attacks at the next.
fn component(own: Own) -> Vec<u8> {
    use Instruction::*;
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    types.ty().function([ValType::I32; 4], [ValType::I32]);
    types.ty().function([ValType::I32; 3], []);
    let mut imports = ImportSection::new();
    imports.import("jackfield:metrics/metrics@0.1.0", "add", EntityType::Function(2));
    let mut functions = FunctionSection::new();
    functions.function(0).function(1);
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: 1,
        maximum: None,
        shared: false,
    });
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 16,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    // Where the next piece of memory is, and how often it was asked.
    let mut globals = GlobalSection::new();
    let number = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
    globals.global(number, &ConstExpr::i32_const(4096)).global(number, &ConstExpr::i32_const(0));
    let mut exports = ExportSection::new();
    exports
        .export("memory", ExportKind::Memory, 0)
        .export("jackfield:plugin/router-guest@0.1.0#choose", ExportKind::Func, 1)
        .export("cabi_realloc", ExportKind::Func, 2);
    let mut choose = Function::new([]);
    choose.instruction(&GlobalGet(1)).instruction(&If(wasm_encoder::BlockType::Empty));
    match own {
        Own::TableGrowth => {
            choose
                .instruction(&Loop(wasm_encoder::BlockType::Empty))
                .instruction(&RefNull(HeapType::FUNC))
                .instruction(&I32Const(1_000))
                .instruction(&TableGrow(0))
                .instruction(&I32Const(-1))
                .instruction(&I32Ne)
                .instruction(&BrIf(0))
                .instruction(&End)
                .instruction(&Unreachable);
        }
        Own::Reentry | Own::TrapEverywhere => {
            choose.instruction(&Unreachable);
        }
    }
    choose
        .instruction(&End)
        .instruction(&GlobalGet(1))
        .instruction(&I32Const(1))
        .instruction(&I32Add)
        .instruction(&GlobalSet(1))
        .instruction(&I32Const(1024))
        .instruction(&End);
    let mut realloc = Function::new([]);
    realloc.instruction(&GlobalGet(1)).instruction(&If(wasm_encoder::BlockType::Empty));
    match own {
        Own::TableGrowth => {}
        Own::Reentry => {
            realloc
                .instruction(&I32Const(1024))
                .instruction(&I32Const(0))
                .instruction(&I32Const(1))
                .instruction(&Call(0));
        }
        Own::TrapEverywhere => {
            realloc.instruction(&Unreachable);
        }
    }
    realloc
        .instruction(&End)
        .instruction(&GlobalGet(0))
        .instruction(&I32Const(15))
        .instruction(&I32Add)
        .instruction(&I32Const(-16))
        .instruction(&I32And)
        .instruction(&GlobalSet(0))
        .instruction(&GlobalGet(0))
        .instruction(&GlobalGet(0))
        .instruction(&LocalGet(3))
        .instruction(&I32Add)
        .instruction(&GlobalSet(0))
        .instruction(&End);
    let mut code = CodeSection::new();
    code.function(&choose).function(&realloc);
    // ok({ decision: wait-ms(1), because: [], scores: [] })
    let mut data = DataSection::new();
    let mut answer = [0_u8; 40];
    (answer[4], answer[8]) = (3, 1);
    data.active(0, &ConstExpr::i32_const(1024), answer);
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&tables);
    module.section(&memories).section(&globals).section(&exports).section(&code).section(&data);
    let mut module = module.finish();
    let mut resolve = Resolve::default();
    let wit = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit");
    let (package, _) = resolve.push_dir(wit).unwrap();
    let world = resolve.select_world(&[package], Some("router")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

#[tokio::test]
async fn attacks_that_rust_cannot_write_are_stopped_as_well() {
    let mut all = String::new();
    for (name, own) in [
        ("table-growth", Own::TableGrowth),
        ("re-entry", Own::Reentry),
        ("trap-everywhere", Own::TrapEverywhere),
    ] {
        let attacked = attacked(&component(own), name);
        let first = attacked.ask("none", Arc::new(Books::default())).await;
        let second = attacked.ask("none", Arc::new(Books::default())).await;
        all.push_str(&format!("{name}: {first}; then {second}; met [{}]\n", attacked.met()));
        peaceful_is_served().await;
    }
    expect![[r#"
        table-growth: answered WaitMs(1); then trapped: limit tables: wanted a longer table; met [tables 1]
        re-entry: answered WaitMs(1); then trapped: wasm trap: cannot leave component instance; met []
        trap-everywhere: answered WaitMs(1); then trapped: gave up (panic); met []
    "#]]
    .assert_eq(&all);
}

/// What serves all is one host: the tests before used it, and its places are all free.
#[tokio::test]
async fn flows_have_accounts_too() {
    let wasm = guest("flow-misbehaves");
    let host = host();
    let installed = host.install(&wasm, World::Flow, &Grants::all()).unwrap();
    let account = host.account("flows").plugin("main");
    let flow = host.flow(&installed.digest).unwrap().billed_to(&account);
    let told = |misdeed: &str| {
        let mut session = crate::support::Scripted::new(&[]);
        session.dialled = misdeed.to_owned();
        session
    };
    for misdeed in ["loop", "recursion"] {
        crate::support::play(&flow, told(misdeed)).await;
    }
    let third = crate::support::play(&flow, told("nothing")).await;
    assert_eq!(third, "=> suspended: quarantined after failures\n");
    assert_eq!((account.hits(Limit::Deadline), account.hits(Limit::Stack)), (1, 1));
    assert_eq!(account.tenant().instances(), 0);
    assert!(0 < HOST.flows_free());
}
