# Times R's survey package on a sample of statistics_data.py: Rscript statistics_peers.R WORK FOLDER N [OUT.csv [WEIGHTS.csv]]
# WORK: raking (rake) | raking_calibrate | estimates (svyby with calibration errors)
#       | clustered (the same, strata h and clusters p)
#       | bootstrap (as.svrepdesign, rake, svyby)
#       | svrepdesign (means from replicate weights in WEIGHTS.csv, for comparison)
suppressMessages({library(survey); library(data.table); library(jsonlite)})
setDTthreads(1)
arguments <- commandArgs(TRUE)
work <- arguments[1]; folder <- arguments[2]; rows <- arguments[3]; out <- arguments[4]; weights_file <- arguments[5]
data <- as.data.frame(fread(file.path(folder, paste0("sample_", rows, ".csv"))))
totals <- fromJSON(file.path(folder, "targets.json"))
for (name in c(names(totals), "g1", "g2", "g3")) data[[name]] <- factor(data[[name]])
questions <- sprintf("q%02d", 1:40)
answers <- as.formula(paste("~", paste(questions, collapse = "+")))
margins <- lapply(names(totals), function(name) as.formula(paste0("~", name)))
population <- lapply(names(totals), function(name)
  setNames(data.frame(factor(seq_along(totals[[name]]) - 1), totals[[name]]), c(name, "Freq")))
design <- if (work == "clustered") svydesign(~p, strata = ~h, weights = ~bw, data = data) else svydesign(~1, weights = ~bw, data = data)
control <- list(maxit = 200, epsilon = 1e-9)
rake_all <- function(design) rake(design, margins, population, control = control)
calibrate_all <- function(design) {
  wanted <- c(`(Intercept)` = sum(totals[[1]]))
  for (name in names(totals)) {
    levels <- totals[[name]][-1]
    wanted <- c(wanted, setNames(levels, paste0(name, seq_along(levels))))
  }
  model <- as.formula(paste("~", paste(names(totals), collapse = "+")))
  calibrate(design, model, population = wanted, calfun = "raking", maxit = 100, epsilon = 1e-10)
}
by_breakdown <- function(design) lapply(c("g1", "g2", "g3"), function(name)
  svyby(answers, as.formula(paste0("~", name)), design, svymean, keep.var = TRUE))
write_out <- function(tables) {
  lines <- list()
  for (index in seq_along(tables)) {
    name <- c("g1", "g2", "g3")[index]
    table <- tables[[index]]
    errors <- as.matrix(SE(table))
    for (place in seq_along(questions)) lines[[length(lines) + 1]] <- data.frame(
      breakdown = name, level = as.character(table[[1]]), indicator = questions[place],
      estimate = format(table[[1 + place]], digits = 17, trim = TRUE), error = format(errors[, place], digits = 17, trim = TRUE))
  }
  if (!is.na(out)) write.csv(rbindlist(lines), out, row.names = FALSE, quote = FALSE)
}
measure <- function(run) {
  gc(); before <- proc.time(); result <- run(); taken <- proc.time() - before
  list(wall = taken[[3]], cpu = taken[[1]] + taken[[2]], result = result)
}
report <- list(version = as.character(packageVersion("survey")))
if (work %in% c("raking", "raking_calibrate")) {
  taken <- measure(function() if (work == "raking") rake_all(design) else calibrate_all(design))
  found <- weights(taken$result)
  report$sum_of_squares <- sum(found^2)
  report$miss <- max(sapply(names(totals), function(name) max(abs(tapply(found, data[[name]], sum) / totals[[name]] - 1))))
} else if (work %in% c("estimates", "clustered")) {
  calibrated <- calibrate_all(design)
  taken <- measure(function() by_breakdown(calibrated))
  write_out(taken$result)
} else if (work == "bootstrap") {
  set.seed(1)
  taken <- measure(function() by_breakdown(rake_all(as.svrepdesign(design, type = "bootstrap", replicates = 500, compress = FALSE))))
  write_out(taken$result)
} else if (work == "svrepdesign") {
  made <- as.matrix(fread(weights_file))
  replicates <- svrepdesign(data = data, weights = made[, 1], repweights = made[, -1], type = "other",
    scale = 1 / (ncol(made) - 1), rscales = rep(1, ncol(made) - 1), combined.weights = TRUE, mse = TRUE)
  taken <- measure(function() by_breakdown(replicates))
  write_out(taken$result)
}
report$wall <- taken$wall
report$cpu <- taken$cpu
report$peak_mb <- as.numeric(gsub("[^0-9]", "", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))) / 1024
cat(toJSON(report, auto_unbox = TRUE, digits = 15), "\n")
