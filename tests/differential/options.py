"""Groups of connector options. Each may alter the bytes that are written; each is left out whole when a worker refuses it,
and can be cut from a case by its name. Those that know no database stand here, each database has its own list."""
import random

JSON = 'org.apache.kafka.connect.json.JsonConverter'
STRING = 'org.apache.kafka.connect.storage.StringConverter'


class Options:
    """groups: (name, how often, what makes {option: value} from a Random and the case)."""

    def __init__(self, groups):
        self.groups, self.names = groups, [name for name, _, _ in groups]

    def choose(self, case, only=None):
        """{group: {option: value}} of a case; the choice of a group does not depend on the others. `only`: these and no others."""
        out = {}
        for name, often, make in self.groups:
            r = random.Random('%d/option/%s' % (case.seed, name))
            if only is not None and name not in only or only is None and r.random() >= often:
                continue
            made = make(r, case)
            if made:
                out[name] = made
        return out

    def merged(self, groups, cut):
        out = {}
        for name in self.names:
            if name in groups and name not in cut:
                out.update(groups[name])
        return out


def one(key, *choices):
    return lambda r, case: {key: r.choice(choices)}


def boolean(key, usual):
    return one(key, 'true' if usual == 'false' else 'false')


def converters(r, case):
    return r.choice([{'key.converter': STRING}, {'value.converter': STRING}, {'key.converter': STRING, 'value.converter': STRING},
                     {'value.converter': JSON, 'value.converter.schemas.enable': 'false'}, {'key.converter': JSON, 'key.converter.schemas.enable': 'false'}])


def schemas(r, case):
    return {'key.converter': JSON, 'key.converter.schemas.enable': r.choice(['true', 'false']), 'value.converter': JSON, 'value.converter.schemas.enable': 'false'}


def json_options(r, case):
    out = {'value.converter': JSON, 'value.converter.schemas.enable': r.choice(['true', 'false']), 'key.converter': JSON, 'key.converter.schemas.enable': r.choice(['true', 'false'])}
    for which in ('key', 'value'):
        if r.random() < 0.6:
            out[which + '.converter.decimal.format'] = r.choice(['NUMERIC', 'numeric', 'BASE64'])
        if r.random() < 0.5:
            out[which + '.converter.replace.null.with.default'] = 'false'
    return out


def header_converter(r, case):
    return r.choice([{'header.converter': JSON, 'header.converter.schemas.enable': r.choice(['true', 'false'])}, {'header.converter': STRING}])


def names_of_schemas(r, case):
    return {'schema.name.adjustment.mode': r.choice(['avro', 'avro_unicode'])}


def names_of_fields(r, case):
    return {'field.name.adjustment.mode': r.choice(['avro', 'avro_unicode'])}


def snapshot_mode(r, case):
    mode = r.choice(['initial_only', 'no_data', 'never', 'always', 'when_needed', 'configuration_based'])
    out = {'snapshot.mode': mode}
    if mode == 'configuration_based':
        out['snapshot.mode.configuration.based.start.stream'] = 'true'
        out['snapshot.mode.configuration.based.snapshot.data'] = r.choice(['true', 'false'])
    return out


def skipped(r, case):
    return {'skipped.operations': r.choice(['none', 'none', 'c', 'u', 'd', 'r', 'c,d', 'u,t', 't,d'])}
