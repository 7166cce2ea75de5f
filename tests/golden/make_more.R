# Writes the cases `more-*` of this folder: options that the other cases do not use, computed with R's survey package.
# Rscript tests/golden/make_more.R tests/golden   (R 4.2.2, survey 4.1-1, jsonlite, MASS)
suppressMessages({library(survey); library(jsonlite)})
data(api); data(nhanes)
root <- commandArgs(TRUE)[1]
if (is.na(root)) root <- "tests/golden"

# ---- describing a case -------------------------------------------------------------------------------------------
condition <- function(variable, op, value) list(variable = variable, op = op, value = value)
holds <- function(data, conditions) {
  rows <- rep(TRUE, nrow(data))
  for (one in conditions) {
    x <- data[[one$variable]]
    if (is.factor(x)) x <- as.character(x)
    value <- unlist(one$value)
    meets <- switch(one$op, "==" = x == value, "!=" = x != value, ">" = x > value, ">=" = x >= value,
                    "<" = x < value, "<=" = x <= value, "in" = x %in% value)
    rows <- rows & !is.na(x) & meets
  }
  rows
}
targets_of <- function(population, variables, count = NULL) {
  table <- aggregate(list(total = if (is.null(count)) rep(1, nrow(population)) else count), population[variables], sum)
  lapply(seq_len(nrow(table)), function(row) c(lapply(table[row, variables, drop = FALSE], as.character), total = table$total[row]))
}
frame_of <- function(targets, variables) {
  columns <- lapply(variables, function(name) sapply(targets, function(one) one[[name]]))
  out <- as.data.frame(setNames(columns, variables), stringsAsFactors = TRUE)
  out$Freq <- sapply(targets, function(one) one$total); out
}

# ---- weighting, as the specification says ------------------------------------------------------------------------
run_step <- function(design, step, data) {
  if (step$method == "poststratify")
    return(postStratify(design, reformulate(step$variables), frame_of(step$targets, step$variables)))
  if (step$method == "rake") return(rake(design,
    lapply(step$margins, function(one) reformulate(one$variables)),
    lapply(step$margins, function(one) frame_of(one$targets, one$variables)),
    control = list(maxit = step$max_iterations, epsilon = step$tolerance)))
  if (step$method == "trim") return(trimWeights(design, lower = if (is.null(step$lower)) -Inf else step$lower,
    upper = if (is.null(step$upper)) Inf else step$upper, strict = step$strict))
  if (step$method == "calibrate") {
    parts <- c(); wanted <- c(); intercept <- FALSE
    for (term in step$terms) {
      if (term$type == "intercept") { intercept <- TRUE; wanted <- c(`(Intercept)` = term$total, wanted) }
      if (term$type == "numeric") { parts <- c(parts, term$variable); wanted <- c(wanted, setNames(term$total, term$variable)) }
      if (term$type == "categorical") {
        parts <- c(parts, term$variable); levels <- levels(data[[term$variable]])
        used <- if (intercept) levels[-1] else levels
        wanted <- c(wanted, setNames(unlist(term$targets[used]), paste0(term$variable, used)))
      }
    }
    model <- reformulate(parts, intercept = intercept)
    more <- list(design, model, population = wanted, calfun = if (step$distance == "linear" && !is.null(step$bounds)) "linear" else step$distance,
      epsilon = step$epsilon, maxit = step$max_iterations)
    if (!is.null(step$bounds)) more$bounds <- unlist(step$bounds)
    if (!is.null(step$variance)) more$variance <- data[[step$variance]]
    if (!is.null(step$equal_within_stage)) more$aggregate.stage <- step$equal_within_stage
    if (is_replicate(design)) more$compress <- FALSE
    return(do.call(calibrate, more))
  }
  stop("step")
}

# ---- requests ----------------------------------------------------------------------------------------------------
number <- function(x) if (is.null(x) || length(x) == 0 || is.na(x) || is.infinite(x)) NULL else as.numeric(x)
numbers <- function(x) lapply(unname(as.numeric(x)), number)
deff_of <- function(x) { x <- number(x); if (is.null(x) || x < 0) NULL else x }  # R's totals and replicates put sum(w) < n into the formula
# Without an estimate there is no error, whatever svytotal makes of the missing value.
cell_of <- function(estimate, se, df) { if (is.na(estimate)) se <- NA; list(estimate = number(estimate), se = number(se), cv = number(se / estimate),
  ci95_z = numbers(estimate + c(-1, 1) * qnorm(.975) * se), ci95_t = numbers(estimate + c(-1, 1) * suppressWarnings(qt(.975, df)) * se)) }
is_replicate <- function(design) inherits(design, "svyrep.design")
without_missing <- function(design, variables) {
  keep <- complete.cases(design$variables[variables]); design[keep, ]
}
points <- function(design, request, data) {
  chosen <- subset(design, holds(design$variables, request$where))
  df <- degf(chosen)
  used <- if (isTRUE(request$na_rm)) without_missing(chosen, request$variables) else chosen
  statistic <- if (request$kind == "mean") svymean else svytotal
  cells_of <- function(part) {
    model <- reformulate(request$variables)
    made <- statistic(model, part, deff = TRUE); again <- statistic(model, part, deff = "replace")
    cells <- list(); place <- 0
    for (variable in request$variables) {
      levels <- if (is.factor(data[[variable]])) levels(data[[variable]]) else NA
      for (level in levels) {
        place <- place + 1
        cell <- cell_of(coef(made)[place], SE(made)[place], df)
        cell <- c(list(variable = variable), if (!is.na(level)) list(level = level), cell)
        cell["deff_wor"] <- list(deff_of(deff(made)[place])); cell["deff_replace"] <- list(deff_of(deff(again)[place]))
        cells[[place]] <- cell
      }
    }
    list(cells = cells, vcov = lapply(seq_len(place), function(row) numbers(vcov(made)[row, ])))
  }
  if (is.null(request$by)) return(c(list(n = rows_of(used), df = df), cells_of(used)))
  levels <- expand.grid(lapply(request$by, function(name) levels(factor(data[[name]]))), stringsAsFactors = FALSE)
  names(levels) <- request$by
  per_domain <- list()
  for (row in seq_len(nrow(levels))) {
    same <- function(frame) Reduce(`&`, lapply(request$by, function(name) !is.na(frame[[name]]) & as.character(frame[[name]]) == levels[row, name]))
    part <- used[same(used$variables), ]
    if (rows_of(part) == 0) next
    whole <- chosen[same(chosen$variables), ]
    per_domain[[length(per_domain) + 1]] <- lapply(cells_of(part)$cells, function(cell)
      c(cell, list(domain = as.list(levels[row, , drop = FALSE]), n = rows_of(part), domain_df = degf(whole))))
  }
  cells <- list()
  for (place in seq_along(per_domain[[1]])) for (domain in per_domain) cells[[length(cells) + 1]] <- domain[[place]]
  list(df = df, cells = cells)
}
variables_of <- function(request) unlist(request[c("variables", "variable", "numerator", "denominator", "rows", "cols", "group", "minus")])
chosen_of <- function(design, request) subset(design, holds(design$variables, request$where))
# With na_rm, rows with a missing value leave as a subpopulation does.
used_of <- function(design, request) {
  chosen <- chosen_of(design, request)
  if (isTRUE(request$na_rm)) without_missing(chosen, variables_of(request)) else chosen
}
rows_of <- function(part) if (is_replicate(part)) nrow(part$variables) else sum(is.finite(part$prob))
# The request in each domain: cells with their domain; a test is a cell.
by_domain <- function(design, request, data) {
  chosen <- chosen_of(design, request); used <- used_of(design, request); df <- degf(chosen)
  levels <- expand.grid(lapply(request$by, function(name) levels(factor(data[[name]]))), stringsAsFactors = FALSE); names(levels) <- request$by
  cells <- list()
  for (row in seq_len(nrow(levels))) {
    same <- function(frame) Reduce(`&`, lapply(request$by, function(name) !is.na(frame[[name]]) & as.character(frame[[name]]) == levels[row, name]))
    if (rows_of(used[same(used$variables), ]) == 0) next
    inner <- request; inner$by <- NULL; inner$where <- NULL; inner$df <- df
    found <- answer(chosen[same(chosen$variables), ], inner, data)
    domain <- list(domain = as.list(levels[row, , drop = FALSE]))
    for (cell in if (is.null(found$cells)) list(found) else found$cells) cells[[length(cells) + 1]] <- c(cell, domain)
  }
  list(df = df, cells = cells)
}
ratio_of <- function(design, request) {
  chosen <- chosen_of(design, request); df <- if (is.null(request$df)) degf(chosen) else request$df
  made <- svyratio(reformulate(request$numerator), reformulate(request$denominator), used_of(design, request))
  list(df = df, cells = list(c(cell_of(coef(made), SE(made), df), list(numerator = request$numerator, denominator = request$denominator))))
}
quantiles_of <- function(design, request) {
  used <- used_of(design, request); known <- !anyNA(used$variables[[request$variable]])
  cells <- list()
  for (rule in request$rules) for (type in request$interval_types) {
    if (known) made <- svyquantile(reformulate(request$variable), used, request$probs, interval.type = type, qrule = rule, df = degf(used))[[1]]
    for (place in seq_along(request$probs)) cells[[length(cells) + 1]] <- c(list(rule = rule, interval_type = type, prob = request$probs[place]),
      if (known) list(estimate = number(made[place, 1]), se = number(made[place, 4]), ci95 = numbers(made[place, c(2, 3)]))
      else list(estimate = NULL, se = NULL, ci95 = list(NULL, NULL)))
  }
  list(df = degf(used), cells = cells)
}
intervals_of <- function(design, request) {
  used <- used_of(design, request)
  model <- as.formula(paste0("~I(", request$variable, "=='", request$level, "')"))
  cells <- lapply(request$methods, function(method) {
    made <- svyciprop(model, used, method = method, df = degf(used))
    list(method = method, estimate = number(coef(made)), ci95 = numbers(attr(made, "ci")), df = degf(used))
  })
  list(df = degf(chosen_of(design, request)), cells = cells)
}
tests_of <- function(design, request) {
  used <- used_of(design, request)
  one <- function(statistic) {
    made <- svychisq(as.formula(paste0("~", request$rows, "+", request$cols)), used, statistic = statistic)
    list(statistic = statistic, value = number(made$statistic), p = number(made$p.value))
  }
  list(df = degf(chosen_of(design, request)), tests = lapply(request$statistics, one))
}
# Means of domains with their covariance, from totals of all domains together.
domain_means <- function(design, request) {
  df <- degf(used_of(design, request))
  used <- without_missing(chosen_of(design, request), request$variable)
  values <- used$variables[[request$variable]]; group <- factor(used$variables[[request$by[[1]]]])
  codes <- levels(group)
  made <- lapply(codes, function(code) values * (!is.na(group) & group == code))
  counted <- lapply(codes, function(code) as.numeric(!is.na(group) & group == code))
  names(made) <- paste0("a", seq_along(codes)); names(counted) <- paste0("b", seq_along(codes))
  used$variables <- cbind(used$variables, as.data.frame(c(made, counted)))
  totals <- svytotal(reformulate(c(names(made), names(counted))), used)
  if (is_replicate(used)) {
    means <- withReplicates(used, function(w, data) sapply(seq_along(codes), function(k)
      sum(w * data[[paste0("a", k)]]) / sum(w * data[[paste0("b", k)]])))
    return(list(levels = codes, means = as.numeric(coef(means)), vcov = vcov(means), df = df))
  }
  k <- length(codes); a <- coef(totals)[1:k]; b <- coef(totals)[k + 1:k]
  gradient <- cbind(diag(1 / b, k), diag(-a / b^2, k))
  list(levels = codes, means = unname(a / b), vcov = gradient %*% vcov(totals) %*% t(gradient), df = df)
}
contrast_of <- function(found, coefficients) {
  estimate <- sum(coefficients * found$means); se <- sqrt(drop(coefficients %*% found$vcov %*% coefficients))
  list(estimate = estimate, se = se, t = estimate / se, p_t = 2 * pt(-abs(estimate / se), found$df), p_z = 2 * pnorm(-abs(estimate / se)),
       ci95_t = numbers(estimate + c(-1, 1) * qt(.975, found$df) * se), levels = found$levels, means = found$means, df = found$df,
       vcov = lapply(seq_along(found$means), function(row) numbers(found$vcov[row, ])))
}
pairs_of <- function(found) {
  pairs <- list(); p <- c()
  for (b in seq_along(found$means)) for (a in seq_along(found$means)) if (a > b) {
    coefficients <- rep(0, length(found$means)); coefficients[a] <- 1; coefficients[b] <- -1
    one <- contrast_of(found, coefficients)
    pairs[[length(pairs) + 1]] <- c(list(a = found$levels[a], b = found$levels[b]), one[c("estimate", "se", "t", "p_t")]); p <- c(p, one$p_t)
  }
  for (place in seq_along(pairs)) for (method in c("bonferroni", "holm", "hochberg", "BH", "BY"))
    pairs[[place]][[paste0("p_", method)]] <- p.adjust(p, method)[place]
  list(levels = found$levels, df = found$df, pairs = pairs)
}
equality_of <- function(found) {
  k <- length(found$means); d <- found$means[-1] - found$means[1]; from <- cbind(-1, diag(k - 1))
  chisq <- drop(d %*% solve(from %*% found$vcov %*% t(from)) %*% d); ndf <- k - 1; rest <- found$df - ndf + 1
  list(levels = found$levels, means = found$means, df = found$df, chisq = chisq, ndf = ndf, p_chisq = pchisq(chisq, ndf, lower.tail = FALSE),
       F = chisq / ndf, ddf = found$df, p_F = pf(chisq / ndf, ndf, found$df, lower.tail = FALSE), F_adj = chisq / ndf * rest / found$df,
       ddf_adj = rest, p_F_adj = pf(chisq / ndf * rest / found$df, ndf, rest, lower.tail = FALSE))
}
ttest_of <- function(made) list(estimate = number(made$estimate), t = number(made$statistic), df = number(made$parameter), p = number(made$p.value))
# A test of a mean; without na_rm a missing value leaves none.
mean_test <- function(made, df, name) {
  estimate <- unname(coef(made)); se <- unname(drop(SE(made))); t <- estimate / se
  c(setNames(list(number(estimate)), name), list(se = number(se), t = number(t), df = df, p = number(2 * pt(-abs(t), df)),
    ci95 = numbers(estimate + c(-1, 1) * suppressWarnings(qt(.975, df)) * se)))
}
groups_are_compared <- c("contrast", "trend", "pairwise", "equality")
answer <- function(design, request, data) {
  if (!is.null(request$by) && !(request$kind %in% c("mean", "total", groups_are_compared))) return(by_domain(design, request, data))
  switch(request$kind,
  mean = points(design, request, data), total = points(design, request, data), ratio = ratio_of(design, request),
  quantile = quantiles_of(design, request), prop_ci = intervals_of(design, request), chisq = tests_of(design, request),
  contrast = contrast_of(domain_means(design, request), unlist(request$coefficients)),
  trend = { s <- unlist(request$scores) - mean(unlist(request$scores)); contrast_of(domain_means(design, request), s / sum(s^2)) },
  pairwise = pairs_of(domain_means(design, request)),
  equality = equality_of(domain_means(design, request)),
  ttest = ttest_of(svyttest(as.formula(paste(request$variable, "~", request$group)), used_of(design, request))),
  ttest_one_sample = {
    used <- used_of(design, request); degrees <- degf(used) - 1  # as svyttest
    mean_test(svymean(as.formula(paste0("~I(", request$variable, "-", request$mu, ")")), used), degrees, "estimate_minus_mu")
  },
  ttest_paired = {
    used <- used_of(design, request)
    mean_test(svymean(as.formula(paste0("~I(", request$variable, "-", request$minus, ")")), used), degf(used), "estimate")
  })
}

# ---- writing a case ----------------------------------------------------------------------------------------------
write_case <- function(name, title, data, spec, tolerance = 1e-9, replicate_type = NULL, replicate_more = list(), expected = list(), mse = FALSE) {
  options(survey.lonely.psu = if (is.null(spec$lonely_psu)) "fail" else spec$lonely_psu, survey.replicates.mse = mse)
  folder <- file.path(root, paste0("more-", name)); dir.create(folder, showWarnings = FALSE)
  data$row <- seq_len(nrow(data)); data <- data[c("row", setdiff(names(data), "row"))]
  write.csv(format_data(data), file.path(folder, "data.csv"), row.names = FALSE, na = "", quote = FALSE)
  part <- function(names) if (length(names)) reformulate(names) else NULL
  design <- svydesign(ids = if (length(spec$ids)) reformulate(spec$ids) else ~1, strata = part(if (length(spec$strata) > 1) paste0("interaction(", paste(spec$strata, collapse = ","), ",drop=TRUE)") else spec$strata), fpc = part(spec$fpc),
    weights = reformulate(spec$weights), nest = isTRUE(spec$nest), data = data)
  replicate <- NULL
  if (!is.null(replicate_type)) {
    set.seed(20251)
    design <- do.call(as.svrepdesign, c(list(design, type = replicate_type, compress = FALSE), replicate_more))
    columns <- matrix(as.numeric(as.matrix(weights(design, "analysis"))), nrow = nrow(data)); colnames(columns) <- paste0("r", seq_len(ncol(columns)))
    write.csv(format_data(as.data.frame(columns)), file.path(folder, "repweights.csv"), row.names = FALSE, quote = FALSE)
    replicate <- list(file = "repweights.csv", r_type = replicate_type, count = ncol(columns), combined = TRUE, scale = design$scale,
      rscales = I(design$rscales), mse = isTRUE(design$mse), variance = "scale*sum_r rscales_r*(theta_r-c)^2", reweight_each_replicate = length(spec$weighting) > 0)
  }
  for (step in spec$weighting) design <- run_step(design, step, data)
  results <- list()
  for (request in spec$requests) results[[request$id]] <- answer(design, request, data)
  more <- list()
  if (length(spec$weighting)) more$weights <- numbers(if (is_replicate(design)) weights(design, "sampling") else weights(design))
  column <- function(name) {
    x <- data[[name]]
    if (is.factor(x)) list(name = name, type = "categorical", levels = I(levels(x)))
    else list(name = name, type = if (is.integer(x)) "integer" else "double")
  }
  whole <- list(schema = 1, id = paste0("more-", name), title = title, source = attr(data, "source"),
    data = list(file = "data.csv", rows = nrow(data), missing = "empty field", columns = lapply(names(data), column)),
    design = list(ids = names_of(spec$ids), strata = names_of(spec$strata), fpc = names_of(spec$fpc), weights = spec$weights, nest = isTRUE(spec$nest)))
  if (!is.null(spec$lonely_psu)) whole$design$lonely_psu <- spec$lonely_psu
  if (!is.null(replicate)) whole$replicate <- replicate
  whole$weighting <- if (length(spec$weighting)) spec$weighting else I(list())
  whole$requests <- lapply(spec$requests, function(request) {
    for (key in c("variables", "probs", "rules", "interval_types", "methods", "statistics", "coefficients", "scores", "by"))
      if (!is.null(request[[key]])) request[[key]] <- I(unlist(request[[key]]))
    request
  })
  whole$tolerance <- list(relative = tolerance, absolute_se_or_p = 1e-9, relative_prop_ci_logit_likelihood = 1e-6)
  out <- c(list(software = list(R = paste(R.version$major, R.version$minor, sep = "."), survey = as.character(packageVersion("survey")))),
    list(degf = degf(design)), more, list(results = results))
  save <- function(value, file) writeLines(toJSON(value, auto_unbox = TRUE, digits = NA, null = "null", na = "null", pretty = FALSE), file.path(folder, file))
  save(whole, "spec.json"); save(out, "expected.json")
  writeLines(c(paste("#", paste0("more-", name)), "", title, "", paste("Written by `make_more.R`; R", out$software$R, "survey", out$software$survey)), file.path(folder, "README.md"))
  cat(name, "\n")
}
names_of <- function(x) I(if (is.null(x)) character() else x)
format_data <- function(data) { for (name in names(data)) if (is.double(data[[name]])) data[[name]] <- ifelse(is.na(data[[name]]), NA, format(data[[name]], digits = 17, trim = TRUE, scientific = FALSE, drop0trailing = TRUE)); data }
ask <- function(kind, id, ...) c(list(id = id, kind = kind), list(...))
mean_of <- function(id, variables, ...) ask("mean", id, variables = variables, ...)
total_of <- function(id, variables, ...) ask("total", id, variables = variables, ...)

# ---- the cases ---------------------------------------------------------------------------------------------------
keep <- c("cds", "stype", "snum", "dnum", "api00", "api99", "sch.wide", "awards", "enroll", "meals", "pw", "fpc")
small <- function(data, more = c()) { out <- data[intersect(c(setdiff(keep, "cds"), more), names(data))]; rownames(out) <- NULL; out }
population <- apipop
srs <- small(apisrs); strat <- small(apistrat); clus1 <- small(apiclus1); clus2 <- small(apiclus2, c("fpc1", "fpc2"))
meals_of <- function(data) { data$mealsgrp <- cut(data$meals, c(-1, 24, 49, 74, 100), labels = c("a", "b", "c", "d")); data }
srs <- meals_of(srs); strat <- meals_of(strat); clus1 <- meals_of(clus1); clus2 <- meals_of(clus2); population <- meals_of(population)
n_population <- nrow(population)
clus2$enroll[is.na(clus2$enroll)] <- 500L  # R stops where a calibrated design loses rows

conditions <- list(
  mean_of("ne", "api00", where = list(condition("stype", "!=", "E"))),
  mean_of("gt", "api00", where = list(condition("meals", ">", 40))),
  mean_of("ge", c("api00", "stype"), where = list(condition("meals", ">=", 40), condition("api99", "<", 700))),
  total_of("le", "enroll", na_rm = TRUE, where = list(condition("meals", "<=", 55.5))),
  mean_of("in", "api00", where = list(condition("stype", "in", c("E", "M"))), by = list("awards", "sch.wide")),
  ask("ratio", "ratio", numerator = "api00", denominator = "api99", where = list(condition("meals", "<", 60))))
write_case("where-apistrat", "Every comparison of a condition, crossed domains", strat,
  list(ids = c(), strata = "stype", fpc = "fpc", weights = "pw", requests = conditions))

rules <- c("math", "school", paste0("hf", 1:9))
write_case("quantile-rules-apiclus1", "Every rule of a quantile", clus1,
  list(ids = "dnum", strata = c(), fpc = "fpc", weights = "pw", requests = list(
    ask("quantile", "rules", variable = "api00", probs = c(0.1, 0.25, 0.5, 0.9), rules = rules, interval_types = "mean"),
    ask("quantile", "types", variable = "enroll", na_rm = TRUE, probs = c(0.25, 0.5, 0.75), rules = "math", interval_types = c("mean", "beta", "xlogit", "asin", "score")),
    ask("quantile", "ties", variable = "meals", probs = c(0.2, 0.5), rules = c("math", "school", "hf7"), interval_types = c("mean", "xlogit"), where = list(condition("stype", "==", "E"))))))

lonely <- clus2; lonely$region <- ifelse(lonely$dnum < 200, 1L, ifelse(lonely$dnum < 400, 2L, ifelse(lonely$dnum < 780, 3L, 4L)))
lonely$region[lonely$dnum == max(lonely$dnum)] <- 5L
sizes <- tapply(lonely$dnum, lonely$region, function(x) length(unique(x)))
lonely$fpc1 <- as.integer(10 * sizes[as.character(lonely$region)])
for (policy in c("remove", "certainty", "adjust", "average")) write_case(paste0("lonely-", policy, "-two-stage"),
  paste("Two stages with populations, strata of districts of which one is alone; rule", policy), lonely,
  list(ids = c("dnum", "snum"), strata = "region", fpc = c("fpc1", "fpc2"), weights = "pw", lonely_psu = policy, requests = list(
    mean_of("mean", c("api00", "api99")), mean_of("by", "api00", by = list("stype")), ask("ratio", "ratio", numerator = "api00", denominator = "api99"),
    ask("prop_ci", "share", variable = "awards", level = "Yes", methods = c("xlogit", "mean", "asin", "beta")))))

step_linear <- list(method = "calibrate", distance = "linear", epsilon = 1e-12, max_iterations = 500,
  terms = list(list(type = "intercept", total = n_population), list(type = "categorical", variable = "stype", targets = as.list(table(population$stype))),
    list(type = "numeric", variable = "api99", total = sum(population$api99))))
some <- list(mean_of("mean", c("api00", "awards")), total_of("total", "enroll", na_rm = TRUE), mean_of("by", "api00", by = list("awards")),
  ask("ratio", "ratio", numerator = "api00", denominator = "api99"), total_of("fixed", "stype"))
within <- step_linear; within$equal_within_stage <- 1
write_case("cal-equal-within-apiclus1", "Calibration with equal g within a cluster", clus1,
  list(ids = "dnum", strata = c(), fpc = "fpc", weights = "pw", weighting = list(within), requests = some))
within$distance <- "raking"; within$terms <- within$terms[c(1, 3)]
write_case("cal-equal-within-raking-apiclus1", "Raking distance with equal g within a district", clus1,
  list(ids = "dnum", strata = c(), fpc = "fpc", weights = "pw", weighting = list(within), requests = some), tolerance = 1e-6)
bounded <- step_linear; bounded$distance <- "raking"; bounded$bounds <- c(0.6, 1.8)
write_case("cal-raking-bounded-apistrat", "Raking distance within bounds, with a numeric auxiliary", strat,
  list(ids = c(), strata = "stype", fpc = "fpc", weights = "pw", weighting = list(bounded), requests = some), tolerance = 1e-6)
logit <- step_linear; logit$distance <- "logit"; logit$bounds <- c(0.5, 2)
write_case("cal-logit-apiclus2", "Logit distance, two stages with populations", clus2,
  list(ids = c("dnum", "snum"), strata = c(), fpc = c("fpc1", "fpc2"), weights = "pw", weighting = list(logit), requests = some), tolerance = 1e-6)
write_case("cal-numeric-only-apisrs", "A ratio-like calibration: one numeric auxiliary, no intercept, heteroscedastic", srs,
  list(ids = c(), strata = c(), fpc = "fpc", weights = "pw", weighting = list(list(method = "calibrate", distance = "linear", epsilon = 1e-12, max_iterations = 500, variance = "api99",
    terms = list(list(type = "numeric", variable = "api99", total = sum(population$api99))))), requests = some))

margin <- function(...) { variables <- c(...); list(variables = I(variables), targets = targets_of(population, variables)) }
step_rake <- list(method = "rake", margins = list(margin("stype"), margin("awards")), tolerance = 1e-13, max_iterations = 2000)
step_post <- list(method = "poststratify", variables = I("sch.wide"), targets = targets_of(population, "sch.wide"))
step_trim <- list(method = "trim", lower = 20, upper = 45, strict = FALSE)
after <- list(mean_of("mean", c("api00", "api99")), mean_of("by", "api00", by = list("stype")), total_of("total", "enroll", na_rm = TRUE),
  ask("chisq", "chisq", rows = "mealsgrp", cols = "awards", statistics = c("F", "Chisq")), ask("pairwise", "pairs", variable = "api00", by = "mealsgrp"))
write_case("chain-post-rake-apiclus1", "Post-stratification, then raking", clus1,
  list(ids = "dnum", strata = c(), fpc = "fpc", weights = "pw", weighting = list(step_post, step_rake), requests = after), tolerance = 1e-7)
write_case("chain-rake-trim-apisrs", "Raking, then trimming once", srs,
  list(ids = c(), strata = c(), fpc = "fpc", weights = "pw", weighting = list(step_rake, list(method = "trim", upper = 34, strict = TRUE)), requests = after), tolerance = 1e-7)
write_case("chain-cal-post-apistrat", "Calibration, then post-stratification", strat,
  list(ids = c(), strata = "stype", fpc = "fpc", weights = "pw", weighting = list(step_linear, step_post), requests = after), tolerance = 1e-8)

every <- list(mean_of("mean", c("api00", "awards")), total_of("total", "enroll", na_rm = TRUE), mean_of("by", "api00", by = list("stype")),
  mean_of("where", "api00", where = list(condition("meals", ">", 50)), by = list("awards")),
  ask("ratio", "ratio", numerator = "api00", denominator = "api99"),
  ask("prop_ci", "share", variable = "awards", level = "Yes", methods = c("xlogit", "mean", "asin", "beta")),
  ask("quantile", "quantile", variable = "api00", probs = c(0.25, 0.5, 0.75), rules = c("math", "school", "hf7"), interval_types = c("mean", "quantile")),
  ask("ttest", "ttest", variable = "api00", group = "awards"),
  ask("contrast", "contrast", variable = "api00", by = "stype", coefficients = c(1, -0.5, -0.5)),
  ask("trend", "trend", variable = "api00", by = "mealsgrp", scores = c(1, 2, 3, 4)),
  ask("pairwise", "pairs", variable = "api00", by = "mealsgrp"),
  ask("chisq", "chisq", rows = "mealsgrp", cols = "awards", statistics = c("F", "Chisq")))
two <- strat[order(strat$stype, strat$snum), ]; two <- do.call(rbind, lapply(split(two, two$stype), function(x) x[1:40, ]))
two$pair <- rep(seq_len(nrow(two) / 2), each = 2); rownames(two) <- NULL; two$fpc <- NULL
write_case("rep-fay-every-request", "Fay's half-samples: every kind of request", two,
  list(ids = c(), strata = "pair", fpc = c(), weights = "pw", requests = every), replicate_type = "Fay", replicate_more = list(fay.rho = 0.3))
write_case("rep-jkn-post-apistrat", "JKn with the population sizes, post-stratified again", strat,
  list(ids = c(), strata = "stype", fpc = "fpc", weights = "pw", weighting = list(step_post), requests = every), replicate_type = "JKn")
write_case("rep-boot-mse-apiclus1", "Bootstrap of clusters around the full-sample estimate", clus1,
  list(ids = "dnum", strata = c(), fpc = "fpc", weights = "pw", requests = every), replicate_type = "bootstrap", replicate_more = list(replicates = 60, mse = TRUE), mse = TRUE)
write_case("rep-subboot-cal-apistrat", "Subbootstrap, calibrated again", strat,
  list(ids = c(), strata = "stype", fpc = c(), weights = "pw", weighting = list(step_linear), requests = every), tolerance = 1e-8,
  replicate_type = "subbootstrap", replicate_more = list(replicates = 50))

hole <- strat; hole$api00[c(3, 50, 120, 180)] <- NA; hole$awards[c(7, 60)] <- NA
write_case("missing-apistrat", "Missing answers: kept out together, by variable, in tests", hole,
  list(ids = c(), strata = "stype", fpc = "fpc", weights = "pw", requests = list(
    mean_of("both", c("api00", "api99"), na_rm = TRUE), total_of("total", c("api00", "enroll"), na_rm = TRUE), mean_of("by", "api00", by = list("awards", "stype"), na_rm = TRUE),
    ask("ratio", "ratio", numerator = "api00", denominator = "enroll", na_rm = TRUE),
    ask("quantile", "quantile", variable = "api00", na_rm = TRUE, probs = c(0.1, 0.5), rules = c("math", "hf7"), interval_types = c("mean")),
    ask("ttest", "ttest", variable = "api99", group = "awards"), ask("chisq", "chisq", rows = "mealsgrp", cols = "stype", statistics = c("F", "Chisq", "Wald", "adjWald")),
    ask("ttest_one_sample", "one", variable = "api99", mu = 600, where = list(condition("stype", "!=", "M"))))))

fractions <- strat; fractions$fpc <- as.numeric(table(strat$stype)[as.character(strat$stype)] / strat$fpc)
write_case("fpc-fractions-apistrat", "Finite populations given as sampling fractions", fractions,
  list(ids = c(), strata = "stype", fpc = "fpc", weights = "pw", requests = some))

# Answers are missing in whole districts, so that complete cases have fewer degrees of freedom.
gaps <- clus1; gaps$half <- ifelse(gaps$dnum < 400, "a", "b"); gaps$side <- ifelse(gaps$dnum %% 2 == 0, "even", "odd"); gaps$fpc <- NULL
gaps$awards <- as.character(gaps$awards)
gaps$api00[gaps$dnum %in% c(61, 637)] <- NA; gaps$api00[c(1, 90, 150)] <- NA; gaps$awards[gaps$dnum == 815] <- NA; gaps$awards[c(5, 77, 120)] <- NA
gaps$awards <- factor(gaps$awards); attr(gaps, "source") <- "api data of R package survey, answers taken out"
inside <- list(condition("meals", ">", 20))
kinds <- function(...) list(
  mean_of("mean", c("api00", "awards"), ...), mean_of("mean_by", "api00", by = list("side"), ...), total_of("total", "api00", ...),
  total_of("total_by", "api00", by = list("side"), ...),
  ask("ratio", "ratio", numerator = "api00", denominator = "api99", ...), ask("ratio", "ratio_by", numerator = "api00", denominator = "api99", by = list("side"), ...),
  ask("quantile", "quantile", variable = "api00", probs = c(0.25, 0.5), rules = c("math", "hf7"), interval_types = c("mean", "xlogit"), ...),
  ask("quantile", "quantile_by", variable = "api00", probs = c(0.25, 0.5), rules = "school", interval_types = "mean", by = list("side"), ...),
  ask("prop_ci", "share", variable = "awards", level = "Yes", methods = c("xlogit", "mean", "asin", "beta"), ...),
  ask("prop_ci", "share_by", variable = "awards", level = "Yes", methods = c("xlogit", "beta"), by = list("side"), ...),
  ask("ttest_one_sample", "one", variable = "api00", mu = 600, ...), ask("ttest_one_sample", "one_by", variable = "api00", mu = 600, by = list("side"), ...),
  ask("ttest_paired", "paired", variable = "api00", minus = "api99", ...), ask("ttest_paired", "paired_by", variable = "api00", minus = "api99", by = list("side"), ...))
tests <- function(...) list(
  ask("ttest", "ttest", variable = "api00", group = "awards", ...), ask("ttest", "ttest_by", variable = "api00", group = "awards", by = list("side"), ...),
  ask("chisq", "chisq", rows = "awards", cols = "stype", statistics = c("F", "Chisq", "Wald", "adjWald"), ...),
  ask("chisq", "chisq_by", rows = "awards", cols = "mealsgrp", statistics = "F", by = list("side"), ...),
  ask("contrast", "contrast", variable = "api00", by = "stype", coefficients = c(1, -0.5, -0.5), ...), ask("pairwise", "pairs", variable = "api00", by = "stype", ...),
  ask("trend", "trend", variable = "api00", by = "mealsgrp", scores = c(1, 2, 3, 4), ...), ask("equality", "equality", variable = "api00", by = "stype", ...))
write_case("na-rm-every-kind", "Every kind of request over complete cases, whole and by domain", gaps,
  list(ids = "dnum", strata = "half", fpc = c(), weights = "pw", lonely_psu = "adjust", requests = c(kinds(na_rm = TRUE), tests(na_rm = TRUE))))
write_case("na-rm-where-every-kind", "Every kind of request over complete cases within conditions", gaps,
  list(ids = "dnum", strata = "half", fpc = c(), weights = "pw", lonely_psu = "adjust", requests = c(kinds(na_rm = TRUE, where = inside), tests(na_rm = TRUE, where = list(condition("meals", ">", 5))))))
write_case("missing-stays-every-kind", "Missing answers that nothing takes out: no figure, and tests of those who answered", gaps,
  list(ids = "dnum", strata = "half", fpc = c(), weights = "pw", requests = c(kinds(), tests())))
# R's quantiles of replicates know the interval `mean` only, whatever is asked.
woodruff <- lapply(c(kinds(na_rm = TRUE), tests(na_rm = TRUE)), function(request) { if (request$kind == "quantile") request$interval_types <- "mean"; request })
write_case("rep-na-rm-every-kind", "Complete cases by jackknife, whole and by domain", gaps,
  list(ids = "dnum", strata = "half", fpc = c(), weights = "pw", requests = woodruff), replicate_type = "JKn")
crossed <- clus2; crossed$north <- ifelse(crossed$dnum < 400, "n", "s"); crossed$fpc1 <- NULL
crossed$even <- ifelse(crossed$dnum %% 2 == 0, "even", "odd"); cell <- interaction(crossed$north, crossed$even, drop = TRUE)
crossed$fpc1 <- as.integer(9 * tapply(crossed$dnum, cell, function(x) length(unique(x)))[as.character(cell)])
write_case("strata-crossed-two-stage", "Two columns of strata, two stages with populations", crossed,
  list(ids = c("dnum", "snum"), strata = c("north", "even"), fpc = c("fpc1", "fpc2"), weights = "pw", requests = list(
    mean_of("mean", c("api00", "api99")), mean_of("by", "api00", by = list("stype")), total_of("total", "enroll"))))
few <- strat; few$pw <- few$pw / 150; few$fpc <- NULL
small_weights <- list(mean_of("mean", c("api00", "awards")), mean_of("by", "api00", by = list("stype")), total_of("total", "api00"), total_of("total_by", "api00", by = list("awards")))
write_case("weights-below-n-apistrat", "Weights that sum to less than the sample: no design effect without replacement", few,
  list(ids = c(), strata = "stype", fpc = c(), weights = "pw", requests = small_weights))
write_case("rep-weights-below-n-apistrat", "The same by replicates", few,
  list(ids = c(), strata = "stype", fpc = c(), weights = "pw", requests = small_weights), replicate_type = "JKn")
