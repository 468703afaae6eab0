"""SQL injections by a grammar: what a scanner or a person would send, and the same pieces where they mean nothing."""

# A name in braces is one of its alternatives.
RULES = {
    "attack": ["{open}{sp}{logic}{sp}{condition}{end}", "{open}{sp}{union}{end}", "{open}{sp}{clause}{end}", "{open};{sp}{statement}{end}",
               "{open}{operator}{call}{operator}{quote}", "{call}", "{statement}", "{open}{sp}{comment}", "{open}{sp}{logic}{sp}{call}{end}",
               "{open}{sp}{logic}{sp}{not}{literal}{end}", "{open}{sp}{logic}{sp}({query}){compare}{literal}{end}"],
    "open": ["{value}", "{value}{quote}", "{value}{quote})", "{value}{quote}))", "{value})", "{quote}", "{quote})", "-{digit}", "{value}%{quote}"],
    "value": ["{digit}", "{name}", "{digit}.{digit}", "0x1f", "null", ""],
    "quote": ["'", "'", "'", "\"", "`"],
    "sp": [" ", " ", " ", "/**/", "\t", "\n", "+", "  ", "/*x*/", "\x0b", "\xa0"],
    "logic": ["or", "and", "OR", "AnD", "||", "&&", "xor", "having", "where"],
    "not": ["", "", "not ", "! ", "~", "-", "not(", "binary "],
    "condition": ["{literal}{compare}{literal}", "{name}{compare}{literal}", "{call}{compare}{literal}", "{literal}", "{call}", "{name}",
                  "{name} is null", "{literal} between {literal} and {literal}", "{literal} in ({literal})", "exists({query})",
                  "{name} like {literal}", "not {literal}{compare}{literal}", "({condition})", "{literal}"],
    "literal": ["{digit}", "'{name}'", "\"{name}\"", "true", "false", "null", "0x31", "{digit}e0", "'{name}", "@@version", "{digit}-{digit}"],
    "compare": ["=", " = ", "<>", ">", "<", " like ", "!=", "<=>", " rlike ", " regexp ", " is ", " sounds like ", ">="],
    "union": ["union{sp}select{sp}{list}", "union all select {list} from {table}", "union distinct select {list}", "union(select {list})",
              "union values({list})", "except select {list} from {table}", "intersect select {list} from {table}", "union/**/select {list}"],
    "list": ["{digit},{digit},{digit}", "null,null", "{name},{name}", "*", "{call},{digit}", "@@version,{digit}", "{name}||':'||{name}"],
    "table": ["{name}", "information_schema.tables", "dual", "sysobjects", "pg_user", "sqlite_master", "all_tables", "mysql.user"],
    "clause": ["order by {digit}", "group by {name} having {literal}{compare}{literal}", "limit {digit},{digit}", "having {literal}{compare}{literal}",
               "into outfile '/tmp/{name}'", "procedure analyse({digit})", "limit {digit} offset {digit}", "for json path", "rlike {call}",
               "order by (case when {condition} then {digit} else {digit} end)"],
    "statement": ["drop table {name}", "insert into {name} values({digit})", "update {name} set {name}={literal}", "delete from {name}",
                  "exec xp_cmdshell 'dir'", "waitfor delay '0:0:5'", "shutdown", "select pg_sleep({digit})", "declare @x int",
                  "create table {name}({name} int)", "{query}", "begin {call}; end", "select sleep({digit})", "alter table {name} add {name} int"],
    "query": ["select {list} from {table}", "select {call}", "select count(*) from {table}", "select {name} from {table} limit 1",
              "select top 1 {name} from {table}"],
    "call": ["sleep({digit})", "benchmark({digit},md5({digit}))", "version()", "user()", "char({digit})", "ascii(substr({name},{digit},{digit}))",
             "extractvalue({digit},concat(0x7e,version()))", "pg_sleep({digit})", "load_file('/{name}')", "if({condition},{digit},{digit})",
             "case when {condition} then {digit} else {digit} end", "cast({name} as int)", "convert(int,{name})", "length({name})",
             "json_extract({name},'$.{name}')", "dbms_pipe.receive_message('a',{digit})", "randomblob({digit})", "({query})", "database()"],
    "operator": ["||", "+", "-", "*", " div ", " mod ", "^", "|", "&", "/", "="],
    "end": ["", "", "{sp}{comment}", "{comment}", "{sp}{logic}{sp}{quote}{digit}{quote}={quote}{digit}", ";", ")"],
    "comment": ["-- ", "--", "#", "/*", "-- -", ";--", ";%00", "--+"],
    "name": ["a", "id", "name", "users", "x", "orders", "password", "admin", "t1"],
    "digit": ["1", "0", "2", "5", "9999"],
    # Sentences, code and queries of other kinds that have the same words and signs.
    "lookalike": ["{name} {logic} {name}, {name} {logic} {digit}", "{person}", "select {name} from the list", "{name} = {digit}; {name} = {digit};",
                  "({name} {logic} {name}) {logic} {name}", "{name}:{digit} {logic} {name}:'{name}'", "{name} -- {name}, #{digit}",
                  "{digit} - {digit} = {digit}", "{name}({digit})", "union of {name} and {name}", "drop {name} table", "order by phone {logic} by mail",
                  "{name} {compare} {digit}", "{name} in ({digit}, {digit})", "\"{name}\" {logic} \"{name}\"", "{name}/*{name}*/", "'{name}', '{name}'",
                  "{name}={digit}&{name}={name}", "if {name} is null then {digit}", "{digit}' x {digit}\" {logic} {digit}'", "{name} || {name}",
                  "{name}(@{name})", "{name}@{name}.com", "limit: {digit}", "where is {name}?", "{name} > {digit} ? {name} : {name}"],
    "person": ["O'Brien {logic} sons", "D'Arcy", "it's {digit} o'clock", "rock 'n' roll", "the '90s {logic} '80s", "5' 10\"", "Toys \"R\" Us"],
}
DEPTH = 6


def sentence(chance, rule, depth=0):
    """One of a rule's alternatives, chosen at random."""
    choice = chance.choice(RULES[rule])
    out, rest = "", choice
    while "{" in rest:
        before, _, rest = rest.partition("{")
        name, _, rest = rest.partition("}")
        out += before + ("1" if depth > DEPTH else sentence(chance, name, depth + 1))
    return out + rest
