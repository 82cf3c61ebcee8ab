# ---- Both scripts have this part: settings, errors, sign-in ----

$ErrorActionPreference = 'Stop'
# Microsoft's cmdlets are functions of script modules, which do not see the line above: their errors would
# not stop the script. This default, for each command that the script calls, does.
$PSDefaultParameterValues = @{ '*:ErrorAction' = 'Stop' }
$changes = 0
$failures = @()

# The result of a look-up; nothing if Microsoft says that the object does not exist. Any other error ends
# the script: it must not take "not allowed" for "not found".
function Find-Object {
    param([scriptblock]$LookUp)
    try {
        & $LookUp
    } catch {
        if ("$($_.Exception.Message)" -notmatch 'ObjectNotFoundException|ResourceNotFound|does not exist|couldn.t be found') { throw }
    }
}

function Show-Failure {
    param([string]$Text)
    $script:failures += $Text
    Write-Host "FAILED:        $Text" -ForegroundColor Red
}

# The last line of a run.
function Show-Result {
    param([string]$Nothing, [string]$Some)
    Write-Host ''
    if ($failures.Count -gt 0) {
        Write-Host "$($failures.Count) failed:"
        foreach ($failure in $failures) { Write-Host "  $failure" }
        if ($Apply) {
            Write-Host "FAILED. $changes changes made. Correct the errors above, and run the same command again."
        } else {
            Write-Host 'FAILED. Nothing was changed. Correct the errors above, and run the same command again.'
        }
    } elseif ($changes -eq 0) {
        Write-Host "OK. Nothing $Nothing."
    } elseif ($Apply) {
        Write-Host "OK. $changes changes made."
    } else {
        Write-Host "OK. $changes changes $Some. Run the same command again with -Apply to make them."
    }
}

function Assert-Module {
    param([string]$Needed, [Version]$Least, [string]$Other)
    if (Get-Module -Name $Other) {
        throw "This window has loaded $Other, which conflicts with $Needed. Open a new PowerShell window, and run the script there."
    }
    $found = @(Get-Module -ListAvailable -Name $Needed | Sort-Object -Property Version -Descending)
    if ($found.Count -eq 0) {
        throw "The module $Needed is missing. Run: Install-Module $Needed -Scope CurrentUser"
    }
    if ($found[0].Version -lt $Least) {
        throw "The module $Needed has the version $($found[0].Version), and $Least is the oldest that can be used. Run: Update-Module $Needed"
    }
}

# Another tenant than that of the settings would get the application, or the permissions.
function Assert-Tenant {
    param([string]$SignedIn)
    $isId = $Tenant -match '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
    $wanted = @($TenantId, $(if ($isId) { $Tenant }) | Where-Object { $_ })
    foreach ($id in $wanted) {
        if ($SignedIn -ne $id) { throw "You signed in to the tenant $SignedIn, but the script is for $id. Sign in as an administrator of $Tenant." }
    }
}

function Open-Graph {
    param([string[]]$Scopes)
    Assert-Module 'Microsoft.Graph.Applications' '2.0' 'ExchangeOnlineManagement'
    $options = @{}
    if ($GraphClientId) { $options.ClientId = $GraphClientId }
    if ($DeviceCode) { $options.UseDeviceCode = $true }
    # The token is forgotten with this window.
    $null = Connect-MgGraph -TenantId $Tenant -Environment $GraphEnvironment -Scopes $Scopes -ContextScope Process -NoWelcome @options
    $script:context = Get-MgContext
    Assert-Tenant $context.TenantId
}

function Open-Exchange {
    Assert-Module 'ExchangeOnlineManagement' '3.2' 'Microsoft.Graph.Authentication'
    if (-not $TenantId -and -not $DelegatedOrganization) { throw 'Give -TenantId, as tls-uplift-tenant-setup.ps1 printed it.' }
    $options = @{}
    if ($UserPrincipalName) { $options.UserPrincipalName = $UserPrincipalName }
    if ($DelegatedOrganization) { $options.DelegatedOrganization = $DelegatedOrganization }
    if ($DeviceCode) { $options.Device = $true }
    if ($DisableWAM) { $options.DisableWAM = $true }
    $null = Connect-ExchangeOnline -ExchangeEnvironmentName $ExchangeEnvironment -ShowBanner:$false @options
    $organization = Get-OrganizationConfig
    if ($DelegatedOrganization) {
        # The connection has the ID of the partner's tenant.
        if ($organization.Name -ne $DelegatedOrganization) { throw "You signed in to the organization $($organization.Name), but not to $DelegatedOrganization." }
    } else {
        foreach ($connection in @(Get-ConnectionInformation)) { Assert-Tenant $connection.TenantID }
    }
    return $organization
}

# Always runs, so that the window does not stay signed in after an error.
function Close-Session {
    try {
        if ($Part -eq 'Entra' -and (Get-Module -Name 'Microsoft.Graph.Authentication')) { $null = Disconnect-MgGraph }
        if ($Part -eq 'Exchange' -and (Get-Module -Name 'ExchangeOnlineManagement')) { Disconnect-ExchangeOnline -Confirm:$false }
    } catch {
        Write-Host "The sign-out failed ($($_.Exception.Message)). Close this window."
    }
}

# Microsoft's pages say of several cmdlets that a name which does not exist returns all objects. So the
# script looks for the name itself.
function Select-Named {
    param([string]$Wanted)
    process { if ($_.Name -eq $Wanted) { $_ } }
}

# The old settings of the mailboxes, from earlier runs of set-up.
function Read-State {
    $script:oldValues = @()
    # Two steps: Windows PowerShell 5.1 returns the list as one object.
    if (Test-Path -LiteralPath $StateFile) { $read = Get-Content -Raw -LiteralPath $StateFile | ConvertFrom-Json; $script:oldValues = @($read) }
}
